package dev.forebay.record;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/** A histogram of waits in buckets of powers of two. Safe for use by many threads. */
final class WaitHistogram {
    private final AtomicLongArray buckets = new AtomicLongArray(Long.SIZE);

    void note(long nanos) {
        buckets.incrementAndGet(Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, nanos) - 1));
    }

    SyncTimes times() {
        long count = 0;
        for (int i = 0; i < Long.SIZE; i++) {
            count += buckets.get(i);
        }
        return new SyncTimes(
                count, bound((count + 1) / 2), bound(count - count / 100), bound(count));
    }

    /** At most so long was the wait that is {@code rank}-th in order. */
    private Duration bound(long rank) {
        long seen = 0;
        for (int i = 0; i < Long.SIZE && rank > 0; i++) {
            seen += buckets.get(i);
            if (seen >= rank) {
                return Duration.ofNanos(i < Long.SIZE - 1 ? 1L << i : Long.MAX_VALUE);
            }
        }
        return Duration.ZERO;
    }
}
