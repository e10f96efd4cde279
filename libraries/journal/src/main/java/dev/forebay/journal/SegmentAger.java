package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rolls a segment that is too old, once another one is ready.
 *
 * <p><b>Threads.</b> Safe for use by many. A virtual thread waits on the clock; it runs only if the
 * settings give segments an age. The lock is not held during a roll.
 */
final class SegmentAger {
    private static final long NEVER = Long.MAX_VALUE;

    private final Clock clock;
    private final Duration age;
    private final BooleanSupplier hasNext;
    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when the due time or what {@code hasNext} says may have changed. */
    private final Condition changed = lock.newCondition();

    /** When the segment that is written to is too old, on the clock. */
    @GuardedBy("lock")
    private long dueNanos = NEVER;

    @GuardedBy("lock")
    private boolean closing;

    private @Nullable Worker worker;

    /**
     * @param age zero if segments do not age
     * @param hasNext whether a roll would not wait
     */
    SegmentAger(Clock clock, Duration age, BooleanSupplier hasNext) {
        this.clock = clock;
        this.age = age;
        this.hasNext = hasNext;
    }

    /** Starts the worker. Called once, before any other thread knows this object. */
    void start(String name, Runnable roll, JournalState state) {
        if (!age.isZero()) {
            worker = Worker.virtual("forebay-age " + name, () -> run(roll), state::poison);
        }
    }

    /** Says that the segment that is written to has got its first frame. */
    void firstFrame() {
        if (!age.isZero()) {
            set(clock.deadline(age));
        }
    }

    /** Says that another segment is written to, which is empty. */
    void rolled() {
        if (!age.isZero()) {
            set(NEVER);
        }
    }

    private void set(long due) {
        lock.lock();
        try {
            dueNanos = due;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Looks again, because a segment may be ready. */
    void wake() {
        lock.lock();
        try {
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The worker. */
    private void run(Runnable roll) {
        lock.lock();
        try {
            while (!closing) {
                if (dueNanos == NEVER || !hasNext.getAsBoolean()) {
                    changed.awaitUninterruptibly();
                } else if (dueNanos - clock.nanos() > 0) {
                    awaitDue();
                } else {
                    dueNanos = NEVER;
                    rollUnlocked(roll);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    @SuppressWarnings("WaitNotInLoop") // The caller loops.
    private void awaitDue() {
        try {
            clock.await(lock, changed, dueNanos);
        } catch (InterruptedException e) {
            return; // The caller looks again; only `close` ends this worker.
        }
    }

    /** Gives the lock up, because a roll takes the lock of the writer. */
    @GuardedBy("lock")
    private void rollUnlocked(Runnable roll) {
        lock.unlock();
        try {
            roll.run();
        } finally {
            lock.lock();
        }
    }

    /** Tells the worker to end. */
    void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until the worker has ended. */
    void join() {
        if (worker != null) {
            worker.join();
        }
    }
}
