package dev.forebay.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Measured durations in nanoseconds, and their percentiles. Not safe for use by several threads.
 */
public final class Figures {
    private long[] nanos = new long[1024];
    private int count;

    public void add(long elapsedNanos) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, count * 2);
        }
        nanos[count++] = elapsedNanos;
    }

    public void addAll(Figures others) {
        for (int i = 0; i < others.count; i++) {
            add(others.nanos[i]);
        }
    }

    public int count() {
        return count;
    }

    /**
     * The smallest duration that at least {@code percent} of all do not exceed, in milliseconds.
     */
    public double percentileMillis(double percent) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        int rank = (int) Math.ceil(percent / 100 * count);
        return sorted[Math.max(0, rank - 1)] / 1e6;
    }

    /** {@code p50 / p99 / max} in milliseconds. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "p50 %.2f ms, p99 %.2f ms, max %.2f ms of %d",
                percentileMillis(50),
                percentileMillis(99),
                percentileMillis(100),
                count);
    }
}
