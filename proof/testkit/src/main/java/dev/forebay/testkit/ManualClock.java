package dev.forebay.testkit;

import dev.forebay.base.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A clock that stands still until a test moves it. A thread that waits on it wakes when its
 * condition is signalled, or when {@link #advance} reaches its deadline, and never because real
 * time passes.
 *
 * <p>Safe for use by many threads.
 */
public final class ManualClock implements Clock {
    /** How long {@link #awaitWaiters} waits in real time before it gives a test up. */
    private static final long GUARD_SECONDS = 60;

    /** One wait; no two are equal. */
    private static final class Waiter {
        private final Lock lock;
        private final Condition condition;
        private final long deadline;

        Waiter(Lock lock, Condition condition, long deadline) {
            this.lock = lock;
            this.condition = condition;
            this.deadline = deadline;
        }
    }

    /** Guards everything below; never held while a waiter's own lock is taken. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition waitersChanged = lock.newCondition();
    private final List<Waiter> waiters = new ArrayList<>();
    private long nanos;
    private Instant wall;

    public ManualClock() {
        this(Instant.parse("2026-01-01T00:00:00Z"));
    }

    public ManualClock(Instant wall) {
        this.wall = wall;
    }

    @Override
    public long nanos() {
        lock.lock();
        try {
            return nanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Instant wall() {
        lock.lock();
        try {
            return wall;
        } finally {
            lock.unlock();
        }
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // The caller loops; the contract says so.
    public void await(Lock waitersLock, Condition condition, long deadlineNanos)
            throws InterruptedException {
        Waiter waiter = new Waiter(waitersLock, condition, deadlineNanos);
        lock.lock();
        try {
            if (deadlineNanos - nanos <= 0) {
                return;
            }
            waiters.add(waiter);
            waitersChanged.signalAll();
        } finally {
            lock.unlock();
        }
        // The caller holds its own lock from before the waiter was listed until the wait begins, so
        // an advance that sees the waiter can signal it only once it really waits.
        try {
            condition.await();
        } finally {
            lock.lock();
            try {
                waiters.remove(waiter);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Moves both readings forward and wakes every thread whose deadline has come. */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("monotonic time does not go back: " + duration);
        }
        List<Waiter> due;
        lock.lock();
        try {
            nanos += duration.toNanos();
            wall = wall.plus(duration);
            due = waiters.stream().filter(waiter -> waiter.deadline - nanos <= 0).toList();
            // A waiter whose time has come counts no more, even before its thread runs.
            waiters.removeAll(due);
        } finally {
            lock.unlock();
        }
        for (Waiter waiter : due) {
            waiter.lock.lock();
            try {
                waiter.condition.signalAll();
            } finally {
                waiter.lock.unlock();
            }
        }
    }

    /** Moves the wall clock alone, either way, as an administrator or a time server would. */
    public void stepWall(Duration step) {
        lock.lock();
        try {
            wall = wall.plus(step);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Blocks until at least {@code count} threads wait on this clock. One whose time has come does
     * not count from then on; one whose condition was signalled by its owner counts until its
     * thread has noticed.
     */
    public void awaitWaiters(int count) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
            while (waiters.size() < count) {
                if (left <= 0) {
                    throw new AssertionError(
                            "expected "
                                    + count
                                    + " waiting threads, saw "
                                    + waiters.size()
                                    + " in "
                                    + GUARD_SECONDS
                                    + " s");
                }
                left = waitersChanged.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many threads wait on this clock now. */
    public int waiters() {
        lock.lock();
        try {
            return waiters.size();
        } finally {
            lock.unlock();
        }
    }
}
