package dev.forebay.base;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pauses of threads that do something again and again.
 *
 * <p><b>Guarantee.</b> {@link #close} ends every pause at once, and none begins after it. Safe for
 * use by many threads.
 */
public final class Pauses implements AutoCloseable {
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private boolean closed;

    /**
     * Pauses that nothing has ended yet.
     *
     * @param clock measures them
     */
    public Pauses(Clock clock) {
        this.clock = clock;
    }

    /**
     * Blocks for this long. False once this is closed.
     *
     * @param pause how long; returns at once if it is not positive
     * @return whether this is open still
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean pause(Duration pause) throws InterruptedException {
        return until(clock.deadline(pause));
    }

    /**
     * Blocks until {@link Clock#nanos} reaches the deadline. False once this is closed.
     *
     * @param deadline a reading of the clock
     * @return whether this is open still
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean until(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether pauses end at once.
     *
     * @return true once this is closed
     */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Returns at once; safe to call again. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
