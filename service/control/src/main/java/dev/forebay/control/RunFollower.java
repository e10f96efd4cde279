package dev.forebay.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Waits for changes of one run.
 *
 * <p><b>Guarantee.</b> No change after {@link RunService#follow} returned is missed: one that comes
 * between two waits ends the second. <b>Limit.</b> A wait may end without a change. For one thread,
 * which closes it.
 */
public final class RunFollower implements AutoCloseable {
    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final Clock clock;
    private final Runnable leave;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition came = lock.newCondition();

    @GuardedBy("lock")
    private boolean changed;

    RunFollower(Clock clock, Runnable leave) {
        this.clock = clock;
        this.leave = leave;
    }

    /** Called by any thread; never blocks for long. */
    void changed() {
        lock.lock();
        try {
            changed = true;
            came.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until there was a change since the last wait. */
    public void await() throws InterruptedException {
        boolean _ = await(deadline(FOREVER));
    }

    /** When this time has passed from now, for {@link #await(long)}. */
    public long deadline(Duration patience) {
        return clock.deadline(patience);
    }

    /** As {@link #await()}, and not longer than until the deadline. False if that came first. */
    public boolean await(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!changed && deadline - clock.nanos() > 0) {
                clock.await(lock, came, deadline);
            }
            boolean found = changed;
            changed = false;
            return found;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        leave.run();
    }
}
