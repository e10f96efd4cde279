package dev.forebay.bench.streams;

import dev.forebay.bench.Figures;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Followers of one buffer that wait for its next blob: how long after the start of the writer's PUT
 * each has the bytes, and what the waiting costs the server. A follower waits with one request, or
 * polls as the reference client does once it has waited for a second: one GET every 500 ms.
 */
final class Followers {
    private final ServerProcess server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Followers(ServerProcess server) {
        this.server = server;
    }

    /**
     * One follower, {@code rounds} blobs of one byte: from the start of the PUT to the byte at the
     * follower.
     */
    Figures one(int rounds) throws Exception {
        RawBuffer buffer = RawBuffer.create(http, server.uri());
        Figures arrival = new Figures();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < rounds; i++) {
                String name = blobName(i);
                byte[] body = name.getBytes(StandardCharsets.US_ASCII);
                Future<Long> arrived = threads.submit(() -> follow(buffer, name, body, true));
                Thread.sleep(5); // The request reaches the server before the PUT does.
                long begin = System.nanoTime();
                buffer.put(name, body);
                arrival.add(arrived.get() - begin);
            }
        }
        return arrival;
    }

    /**
     * What {@code followers} cost while they are idle for {@code idleSeconds}, and how they wake;
     * {@code rounds} times.
     */
    Idle idle(int followers, int idleSeconds, int rounds, boolean wait) throws Exception {
        RawBuffer buffer = RawBuffer.create(http, server.uri());
        Figures wake = new Figures();
        double cpuShare = 0;
        long resident = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < rounds; round++) {
                String name = blobName(round);
                byte[] body = name.getBytes(StandardCharsets.US_ASCII);
                CountDownLatch started = new CountDownLatch(followers);
                ConcurrentLinkedQueue<Future<Long>> arrivals = new ConcurrentLinkedQueue<>();
                for (int i = 0; i < followers; i++) {
                    arrivals.add(
                            threads.submit(() -> {
                                started.countDown();
                                return follow(buffer, name, body, wait);
                            }));
                }
                started.await();
                Thread.sleep(3_000); // All requests reach the server.
                long cpuBefore = server.cpu().toMillis();
                Thread.sleep(idleSeconds * 1_000L);
                cpuShare +=
                        (server.cpu().toMillis() - cpuBefore) / (idleSeconds * 1_000.0) / rounds;
                resident = Math.max(resident, server.residentMiB());
                long begin = System.nanoTime();
                buffer.put(name, body);
                for (Future<Long> arrival : arrivals) {
                    wake.add(arrival.get() - begin);
                }
            }
        }
        return new Idle(cpuShare, resident, wake);
    }

    /** When the whole blob was there, by {@link System#nanoTime}. */
    private static long follow(RawBuffer buffer, String name, byte[] body, boolean wait)
            throws IOException, InterruptedException {
        while (true) {
            if (buffer.get(name, body, wait) == 200) {
                return System.nanoTime();
            }
            if (!wait) {
                Thread.sleep(500);
            }
        }
    }

    private static String blobName(int number) {
        return String.format(Locale.ROOT, "00/%03X", number);
    }

    /**
     * @param cpuShare what the server used of one core while the followers were idle
     * @param residentMiB the server's resident memory at most
     */
    record Idle(double cpuShare, long residentMiB, Figures wake) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.1f %% of a core idle, %d MiB resident, wake %s",
                    cpuShare * 100,
                    residentMiB,
                    wake);
        }
    }
}
