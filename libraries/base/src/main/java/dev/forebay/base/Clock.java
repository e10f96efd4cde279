package dev.forebay.base;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The seam through which time comes in: two readings and one way to wait. Whatever measures an age,
 * waits for a deadline or stamps a record takes a clock, so that a test moves time by hand and no
 * test sleeps.
 *
 * <p>Ages and deadlines use {@link #nanos}, which a change of the wall clock does not touch; {@link
 * #wall} only stamps. Implementations are safe for use by many threads.
 */
public interface Clock {
    /** The machine's own clocks. */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /**
     * Monotonic nanoseconds from an arbitrary origin; compare by subtraction, as with {@link
     * System#nanoTime}.
     */
    long nanos();

    /** The time of day. It may jump either way between two calls. */
    Instant wall();

    /**
     * The reading of {@link #nanos} when {@code wait} has passed from now, as {@link Nanos#of}
     * counts it: at once if that is negative, never if it is 292 years or more.
     */
    default long deadline(Duration wait) {
        return nanos() + Nanos.of(wait);
    }

    /**
     * Waits, with {@code lock} held, until {@code condition} is signalled or {@link #nanos} reaches
     * {@code deadlineNanos}. It may also return early for no reason: callers loop on what they wait
     * for.
     *
     * @param condition a condition of {@code lock}
     */
    void await(Lock lock, Condition condition, long deadlineNanos) throws InterruptedException;

    /**
     * Blocks the calling thread for {@code duration} of this clock's monotonic time; returns at
     * once if not positive.
     */
    default void sleep(Duration duration) throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        Condition never = lock.newCondition();
        long deadline = deadline(duration);
        lock.lockInterruptibly();
        try {
            while (deadline - nanos() > 0) {
                await(lock, never, deadline);
            }
        } finally {
            lock.unlock();
        }
    }
}
