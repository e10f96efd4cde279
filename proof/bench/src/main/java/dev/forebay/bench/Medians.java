package dev.forebay.bench;

import java.util.Arrays;
import java.util.Collection;

/** The median, one for all benchmarks. */
public final class Medians {
    private Medians() {}

    /** The middle value, or the mean of the two in the middle. */
    public static double of(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return ofSorted(sorted);
    }

    /** As {@link #of(Collection)}; {@code values} keep their order. */
    public static double of(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return ofSorted(sorted);
    }

    private static double ofSorted(double[] sorted) {
        if (sorted.length == 0) {
            throw new IllegalArgumentException("expected at least one value, found none");
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
