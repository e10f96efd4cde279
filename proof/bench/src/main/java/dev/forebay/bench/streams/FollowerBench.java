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
 * Followers of one buffer, waiting for its next blob: how long after the writer's PUT began, and
 * after it was acknowledged as synced, each had the bytes; and what the waiting cost the server.
 * The baseline row polls as the reference client does once it has waited a second: one GET each 500
 * ms.
 */
final class FollowerBench {
    private final ServerProcess server;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    FollowerBench(ServerProcess server) {
        this.server = server;
    }

    /**
     * One follower, {@code rounds} blobs of one byte: from the start of the PUT to the byte at the
     * follower.
     */
    Figures oneFollower(int rounds) throws Exception {
        RawBuffer buffer = RawBuffer.create(http, server.uri());
        Figures arrival = new Figures();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < rounds; i++) {
                String name = blobName(i);
                byte[] body = name.getBytes(StandardCharsets.US_ASCII);
                Future<Long> arrived = threads.submit(() -> follow(buffer, name, body, true));
                Thread.sleep(5); // Lets the request reach the server, so that it waits rather than
                // finds.
                long begin = System.nanoTime();
                buffer.put(name, body);
                arrival.add(arrived.get() - begin);
            }
        }
        return arrival;
    }

    /**
     * What {@code followers} cost while idle for {@code idleSeconds} and how they woke, {@code
     * rounds} times.
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
                Thread.sleep(3_000); // Until all requests have reached the server.
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

    /** When the blob had come whole, by {@link System#nanoTime}. */
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
     * @param cpuShare of one core, while nothing happened
     * @param residentMiB of the server, at most
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
