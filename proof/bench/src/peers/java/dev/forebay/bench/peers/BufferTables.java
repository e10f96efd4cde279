package dev.forebay.bench.peers;

import com.sun.management.ThreadMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The tables of the buffer in memory: how fast it fills, and how late its age is. A contender that
 * releases fewer or more records than were added ends the run.
 */
final class BufferTables {
    private record Entrant(String name, String threads, HeldBuffer buffer) {}

    private record Aged(String name, AgedBuffer buffer) {}

    private static final List<Entrant> ENTRANTS =
            List.of(
                    new Entrant("floor: a list, a lock and a timer", "any", new FloorHeld()),
                    new Entrant("**Forebay**, take and commit included", "any", new OurBuffer()),
                    new Entrant("RxJava `buffer`", "one", new RxBuffer(false)),
                    new Entrant("RxJava `buffer`, serialized", "any", new RxBuffer(true)),
                    new Entrant("Reactor `bufferTimeout`", "one at a time", new ReactorBuffer()));

    /** The contenders, and before them the machine's own limit. */
    private static final List<Aged> AGED =
            Stream.concat(
                            Stream.of(
                                    new Aged("limit: a bare wait for the moment", new BareWait())),
                            ENTRANTS.stream().map(e -> new Aged(e.name, e.buffer)))
                    .toList();

    private final long records;
    private final boolean quick;

    BufferTables(boolean quick) {
        records = quick ? 10_000_000 : 30_000_000;
        this.quick = quick;
    }

    void rates(int rounds, PrintStream out) throws Exception {
        for (int size : new int[] {11, 101}) {
            fill(size, rounds, out);
        }
    }

    void ages(PrintStream out) throws InterruptedException {
        for (Ages situation : Ages.values()) {
            age(situation, out);
        }
    }

    private void fill(int size, int rounds, PrintStream out) throws Exception {
        Map<String, double[]> rates = new TreeMap<>();
        Map<String, Double> bytes = new TreeMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Entrant entrant : ENTRANTS) {
                long allocated = allocated();
                long before = System.nanoTime();
                long came = entrant.buffer.fill(size, records);
                long took = System.nanoTime() - before;
                if (came < records - size || came > records) {
                    throw new IllegalStateException(
                            entrant.name + ": " + came + " of " + records + " came out");
                }
                if (round > 0) {
                    rates.computeIfAbsent(entrant.name, _ -> new double[rounds])[round - 1] =
                            records * 1e9 / took;
                    bytes.put(entrant.name, (allocated() - allocated) / (double) records);
                }
            }
        }
        out.println(
                "\n### Memory buffer (`ACCEPTED`): lists of "
                        + size
                        + " or 200 ms, one 100 B record per call, one thread\n");
        out.println(
                "| Who | Threads that may add | Records/s, median of "
                        + rounds
                        + " | Lowest to highest | Bytes allocated per record, lists included | ×"
                        + " the floor |");
        out.println("|---|---|---|---|---|---|");
        double floor = 0;
        for (Entrant entrant : ENTRANTS) {
            double[] sorted = rates.getOrDefault(entrant.name, new double[1]);
            Arrays.sort(sorted);
            double median = sorted[sorted.length / 2];
            floor = floor == 0 ? median : floor;
            out.println(
                    String.format(
                            Locale.ROOT,
                            "| %s | %s | %s | %s to %s | %.1f | %.2f |",
                            entrant.name,
                            entrant.threads,
                            LogTable.rate(median),
                            LogTable.rate(sorted[0]),
                            LogTable.rate(sorted[sorted.length - 1]),
                            bytes.get(entrant.name),
                            median / floor));
        }
        out.flush();
    }

    private void age(Ages situation, PrintStream out) throws InterruptedException {
        int lists = quick ? 20 : situation.lists;
        out.println(
                "\n### Memory buffer: lists of age 200 ms, "
                        + situation.words
                        + ", "
                        + lists
                        + " times; below zero is early\n");
        out.println("| Who | Earliest | p50 late | p95 late | p99 late | Latest |");
        out.println("|---|---|---|---|---|---|");
        for (Aged entrant : AGED) {
            long[] late = situation.measure(entrant.buffer, lists);
            out.println(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.2f ms | %.2f ms | %.2f ms | %.2f ms | %.2f ms |",
                            entrant.name,
                            late[0] / 1e6,
                            late[late.length / 2] / 1e6,
                            late[(int) Math.ceil(late.length * 0.95) - 1] / 1e6,
                            late[(int) Math.ceil(late.length * 0.99) - 1] / 1e6,
                            late[late.length - 1] / 1e6));
            out.flush();
        }
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
