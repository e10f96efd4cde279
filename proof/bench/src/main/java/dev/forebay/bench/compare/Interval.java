package dev.forebay.bench.compare;

import dev.forebay.bench.Medians;
import java.util.Arrays;

/**
 * The median of paired ratios and an interval that covers the true median with a probability of at
 * least 95 %.
 *
 * <p>The interval is that of the sign test: it ends at the k-th smallest and the k-th largest
 * ratio, with the largest k whose coverage, {@code 1 - 2 P(Binomial(n, 1/2) < k)}, is still 95 %.
 * It assumes only that the pairs are independent of each other. A bootstrap of ten ratios is
 * narrower than it should be, and a t interval assumes a distribution that ratios of times with
 * rare, long pauses do not have.
 *
 * @param coverage what the interval really covers, 0.95 or more
 */
record Interval(double low, double median, double high, double coverage) {
    private static final double WANTED = 0.95;

    /** With fewer pairs not even the smallest and the largest ratio cover 95 %. */
    static final int FEWEST_PAIRS = 6;

    static Interval of(double... ratios) {
        int n = ratios.length;
        if (n < FEWEST_PAIRS) {
            throw new IllegalArgumentException(
                    "expected at least %d pairs for an interval of 95 %%, found %d"
                            .formatted(FEWEST_PAIRS, n));
        }
        double[] sorted = ratios.clone();
        Arrays.sort(sorted);
        int k = 1;
        while (coverage(n, k + 1) >= WANTED) {
            k++;
        }
        return new Interval(sorted[k - 1], Medians.of(sorted), sorted[n - k], coverage(n, k));
    }

    /** The probability that the true median lies between the k-th smallest and k-th largest. */
    private static double coverage(int n, int k) {
        double term = Math.pow(0.5, n);
        double below = 0;
        for (int i = 0; i < k; i++) {
            below += term;
            term = term * (n - i) / (i + 1);
        }
        return 1 - 2 * below;
    }
}
