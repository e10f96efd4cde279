package dev.forebay.datalog;

/**
 * Times from {@code from} to {@code to}, both included, in nanoseconds since 1970 UTC.
 *
 * @param from the earliest; {@link Long#MIN_VALUE} for no limit
 * @param to the latest; {@link Long#MAX_VALUE} for no limit
 */
public record TimeRange(long from, long to) {
    /** All times. */
    public static final TimeRange ALL = new TimeRange(Long.MIN_VALUE, Long.MAX_VALUE);

    /** Checks that the end is not before the beginning. */
    public TimeRange {
        if (from > to) {
            throw new IllegalArgumentException(
                    "a range from %d to %d ends before it begins".formatted(from, to));
        }
    }

    /**
     * Whether a time is in it, the beginning and the end included.
     *
     * @param nanos since 1970 UTC
     * @return true if it is
     */
    public boolean contains(long nanos) {
        return from <= nanos && nanos <= to;
    }

    /**
     * Whether some time is in both.
     *
     * @param other another range
     * @return true if there is one
     */
    public boolean overlaps(TimeRange other) {
        return from <= other.to && other.from <= to;
    }

    /** Whether every time of {@code other} is in this. */
    boolean covers(TimeRange other) {
        return from <= other.from && other.to <= to;
    }

    /** The smallest range with all times of both. */
    TimeRange with(TimeRange other) {
        return new TimeRange(Math.min(from, other.from), Math.max(to, other.to));
    }

    /** This range, longer by {@code nanos} on both sides. */
    TimeRange widened(long nanos) {
        long earlier = from - nanos;
        long later = to + nanos;
        return new TimeRange(
                earlier > from ? Long.MIN_VALUE : earlier, later < to ? Long.MAX_VALUE : later);
    }
}
