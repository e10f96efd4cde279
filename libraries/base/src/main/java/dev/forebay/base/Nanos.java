package dev.forebay.base;

import java.time.Duration;

/**
 * Durations as nanoseconds of a {@link Clock}. A {@code long} has room for 292 years; whatever is
 * longer, {@link java.time.temporal.ChronoUnit#FOREVER} for one, counts as that, which no process
 * sees the end of.
 */
public final class Nanos {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private Nanos() {}

    /**
     * Nanoseconds of a duration.
     *
     * <p>Of {@code duration}: 0 if it is negative, {@link Long#MAX_VALUE} if it is too long.
     *
     * @param duration any
     * @return 0 or more
     */
    public static long of(Duration duration) {
        if (duration.isNegative()) {
            return 0;
        }
        return duration.compareTo(LONGEST) < 0 ? duration.toNanos() : Long.MAX_VALUE;
    }
}
