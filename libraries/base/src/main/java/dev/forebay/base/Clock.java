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
    /** {@return the machine's own clocks} */
    static Clock system() {
        return SystemClock.INSTANCE;
    }

    /**
     * Monotonic nanoseconds from an arbitrary origin; compare by subtraction, as with {@link
     * System#nanoTime}.
     *
     * @return nanoseconds, which may be negative
     */
    long nanos();

    /**
     * The time of day. It may jump either way between two calls.
     *
     * @return the instant in UTC
     */
    Instant wall();

    /**
     * The reading of {@link #nanos} when {@code wait} has passed from now, as {@link Nanos#of}
     * counts it: at once if that is negative, never if it is 292 years or more.
     *
     * @param wait how long from now
     * @return the reading to give to {@link #await}
     */
    default long deadline(Duration wait) {
        return nanos() + Nanos.of(wait);
    }

    /**
     * Waits, with {@code lock} held, until {@code condition} is signalled or {@link #nanos} reaches
     * {@code deadlineNanos}. It may also return early for no reason: callers loop on what they wait
     * for.
     *
     * @param lock held by the calling thread
     * @param condition a condition of {@code lock}
     * @param deadlineNanos a reading of {@link #nanos}, or later than any to wait for ever
     * @throws InterruptedException if the thread is interrupted, before or while it waits
     */
    void await(Lock lock, Condition condition, long deadlineNanos) throws InterruptedException;

    /**
     * Blocks the calling thread for {@code duration} of this clock's monotonic time; returns at
     * once if not positive.
     *
     * @param duration at most 292 years count
     * @throws InterruptedException if the thread is interrupted, before or while it sleeps
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
