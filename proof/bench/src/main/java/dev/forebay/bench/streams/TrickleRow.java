package dev.forebay.bench.streams;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A scanner's traffic: ten blocks a second from the input of a fresh {@code buffer write} to the
 * output of a fresh {@code buffer read}, beyond the flush interval, the first block included. Both
 * processes have started before the first block, as programs beside a scanner have. One server
 * serves all pairs, and has just started when the first pair comes.
 */
final class TrickleRow implements Suite.Row {
    private static final Duration FLUSH = Duration.ofMillis(20);
    private static final Duration PERIOD = Duration.ofMillis(100);
    private static final Duration STARTED = Duration.ofSeconds(3);
    private static final int BLOCK = 1024;
    private static final int SLOWEST = 10;

    @Override
    public void measure(Run run) throws Exception {
        List<Double> medians = new ArrayList<>();
        double worstMedian = 0;
        double worstTail = 0;
        Path data = run.fresh("trickle");
        try (ServerProcess server = ServerProcess.start(run.forebay(), data)) {
            for (int pair = 0; pair < run.scale().of(5, 2, 2); pair++) {
                Figures delays = new Figures();
                List<Block> blocks = pair(run.forebay(), server, run.scale().of(600, 100, 20));
                blocks.forEach(block -> delays.add(block.nanos()));
                run.note("slowest blocks of pair %d: %s".formatted(pair + 1, slowest(blocks)));
                medians.add(delays.percentileMillis(50));
                worstMedian = Math.max(worstMedian, delays.percentileMillis(50));
                worstTail = Math.max(worstTail, delays.percentileMillis(99));
            }
        } finally {
            Run.delete(data);
        }
        String what = "ten blocks a second, input to output beyond the flush interval, ";
        report(run, what + "p50, median of pairs", Medians.of(medians), 0);
        report(run, what + "p50, worst pair", worstMedian, 4);
        report(run, what + "p99, worst pair", worstTail, 10);
    }

    private static void report(Run run, String what, double millis, double goal) {
        run.report(Figure.ours(what, "SYNCED", millis, Unit.MILLISECONDS).goal(goal));
    }

    /** Its number from 0, when it was fed, and its delay beyond the flush interval. */
    private record Block(int number, Instant fed, long nanos) {
        @Override
        public String toString() {
            LocalTime time = LocalTime.ofInstant(fed, ZoneOffset.UTC);
            return String.format(Locale.ROOT, "%d at %s: %.1f ms", number, time, nanos / 1e6);
        }
    }

    /** What delayed them is sought by their times (UTC) in the logs of the processes. */
    private static String slowest(List<Block> blocks) {
        return blocks.stream()
                .sorted(Comparator.comparingLong(Block::nanos).reversed())
                .limit(SLOWEST)
                .map(Block::toString)
                .collect(Collectors.joining(", "));
    }

    private static List<Block> pair(Path forebay, ServerProcess server, int blocks)
            throws IOException, InterruptedException {
        Map<String, String> environment = Map.of("FOREBAY_SERVER", server.uri().toString());
        String id = new Commands(environment).run("'%s' buffer create".formatted(forebay));
        String flush = FLUSH.toMillis() + "ms";
        Process writer =
                start(environment, forebay, "buffer", "write", id, "--flush-interval", flush);
        Process reader = start(environment, forebay, "buffer", "read", id);
        try {
            return delays(writer, reader, blocks);
        } finally {
            writer.destroyForcibly();
            reader.destroyForcibly();
        }
    }

    private static Process start(Map<String, String> environment, Path forebay, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(forebay.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Feeds each block at its time; the delay of one is over before the next is due, or counts. */
    private static List<Block> delays(Process writer, Process reader, int blocks)
            throws IOException, InterruptedException {
        List<Block> delays = new ArrayList<>();
        long first = System.nanoTime() + STARTED.toNanos();
        try (OutputStream in = writer.getOutputStream();
                InputStream out = reader.getInputStream()) {
            for (int i = 0; i < blocks; i++) {
                awaitTime(first + i * PERIOD.toNanos());
                byte[] block = ByteBuffer.allocate(BLOCK).putInt(i).array();
                Instant time = Instant.now();
                long fed = System.nanoTime();
                in.write(block);
                in.flush();
                int found = ByteBuffer.wrap(out.readNBytes(BLOCK)).getInt();
                delays.add(new Block(i, time, System.nanoTime() - fed - FLUSH.toNanos()));
                if (found != i) {
                    throw new IOException("expected block %d, found %d".formatted(i, found));
                }
            }
        }
        if (!writer.waitFor(1, TimeUnit.MINUTES) || writer.exitValue() != 0) {
            throw new IOException("expected the writer to end with exit code 0");
        }
        return delays;
    }

    private static void awaitTime(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
