package dev.forebay.journal;

import dev.forebay.base.Clock;

/**
 * The time of day for frames, in microseconds since 1970.
 *
 * <p><b>Why not each time from the system.</b> To read the time of day takes a third of the time of
 * an append of 100 bytes, the monotonic clock half of that. So the time of day is read once in a
 * millisecond, and what has passed since then is measured by the monotonic clock.
 *
 * <p><b>Limit.</b> When the time of day is set, frames show that up to a millisecond late.
 *
 * <p>Not safe for use by several threads: {@link SegmentWriter} holds its lock.
 */
final class FrameClock {
    private static final long TRUSTED_NANOS = 1_000_000;

    private final Clock clock;

    /** The time of day at {@link #readAt}. */
    private long micros;

    /** The monotonic clock's reading when the time of day was last read. */
    private long readAt;

    private boolean read;

    FrameClock(Clock clock) {
        this.clock = clock;
    }

    long micros() {
        long now = clock.nanos();
        long passed = now - readAt;
        if (read && passed < TRUSTED_NANOS) {
            return micros + passed / 1000;
        }
        micros = Layout.micros(clock.wall());
        readAt = now;
        read = true;
        return micros;
    }
}
