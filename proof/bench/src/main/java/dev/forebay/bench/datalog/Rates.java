package dev.forebay.bench.datalog;

import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rounds of the same work by one thread, by the clock and by the thread's own time. */
final class Rates {
    private static final int ROUNDS = 3;

    private Rates() {}

    /** A round. */
    interface Round {
        void run() throws Exception;
    }

    /** How often a second {@code round} does one of its {@code count}: the median of three. */
    static double of(Run run, String what, int count, Round round) throws Exception {
        List<Double> rates = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            long worked = processorNanos();
            long begin = System.nanoTime();
            round.run();
            long nanos = System.nanoTime() - begin;
            worked = processorNanos() - worked;
            rates.add(count * 1e9 / nanos);
            run.note(
                    String.format(
                            Locale.ROOT,
                            "%s, round %d: %.2f M/s, %.2f M/s by the thread's own time",
                            what,
                            i,
                            count * 1e3 / nanos,
                            count * 1e3 / worked));
        }
        return Medians.of(rates);
    }

    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
