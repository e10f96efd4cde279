package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Why one run is to end before its program does, whether its executor closes, and every wait that
 * one of these ends.
 *
 * <p><b>Guarantee.</b> The first reason counts. Of {@link #begin} and {@link #close} one comes
 * first: the program is not started then, or {@link #close} says that it was begun.
 *
 * <p>Safe for use by many threads. Its lock is the innermost one of a run: what is called with it
 * is {@link StartedProgram#end}, which returns at once.
 */
final class RunStop implements RunControl {
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable Outcome reason;

    @GuardedBy("lock")
    private boolean closing;

    /** This server has begun to start the program. */
    @GuardedBy("lock")
    private boolean begun;

    RunStop(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void fail(Outcome why) {
        lock.lock();
        try {
            if (reason == null) {
                reason = why;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The executor closes; says whether the start of the program was begun before. */
    boolean close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** False if the executor closes and the run can be left to the next server. */
    boolean begin(boolean canBeLeft) {
        lock.lock();
        try {
            if (closing && canBeLeft) {
                return false;
            }
            begun = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    boolean hasBegun() {
        lock.lock();
        try {
            return begun;
        } finally {
            lock.unlock();
        }
    }

    /** Null if the run is to go on. */
    @Nullable Outcome reason() {
        lock.lock();
        try {
            return reason;
        } finally {
            lock.unlock();
        }
    }

    Outcome reasonOr(Outcome other) {
        Outcome why = reason();
        return why == null ? other : why;
    }

    @Override
    public boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isEnding() {
        return isOver(true);
    }

    private boolean isOver(boolean stoppable) {
        lock.lock();
        try {
            return closing || (stoppable && reason != null);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean pause(Duration pause, boolean stoppable) throws InterruptedException {
        long deadline = clock.deadline(pause);
        lock.lockInterruptibly();
        try {
            while (!isOver(stoppable) && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !isOver(stoppable);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void changed() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the end of the program, or for a reason to end or to leave it; its time is one.
     * Null if the program has ended by itself, or is to be left.
     *
     * @param late the reason that the deadline is
     * @param canBeLeft whether a closing executor leaves it
     */
    @Nullable Outcome await(StartedProgram program, long deadline, Outcome late, boolean canBeLeft)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (program.end() == null
                    && reason == null
                    && !(closing && canBeLeft)
                    && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            if (program.end() == null && reason == null && !(closing && canBeLeft)) {
                reason = late;
            }
            return reason;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end of the program, whatever is to become of the run. */
    void awaitEnd(StartedProgram program, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (program.end() == null && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }
}
