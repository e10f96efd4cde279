package dev.forebay.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Archives the logs of runs that have ended, one after the other on a thread of its own, and has
 * expired ones removed every hour.
 *
 * <p><b>Guarantee.</b> What fails is repeated, behind the others and after a pause, until it
 * succeeds or this is closed; meanwhile {@link #fault} has the reason. Once {@link #close} has
 * returned, nothing is under way.
 *
 * <p>Safe for use by many threads; only {@code close} blocks, for the log that is under way.
 */
final class LogArchiver implements AutoCloseable {
    private static final Duration EXPIRY = Duration.ofHours(1);
    static final Duration RETRY = Duration.ofSeconds(10);

    /** What is done with one run. */
    @FunctionalInterface
    interface Task {
        void archive(long run) throws InterruptedException;
    }

    private final Clock clock;
    private final Task task;
    private final Runnable expire;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Worker worker;

    @GuardedBy("lock")
    private final Deque<Long> waiting = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean closed;

    private volatile @Nullable Throwable fault;

    LogArchiver(Clock clock, Task task, Runnable expire) {
        this.clock = clock;
        this.task = task;
        this.expire = expire;
        this.worker = Worker.virtual("log-archiver", this::work, e -> fault = e);
    }

    void add(Collection<Long> runs) {
        lock.lock();
        try {
            waiting.addAll(runs);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Why logs are not archived, or expired ones not removed, if that is so. */
    Optional<Throwable> fault() {
        return Optional.ofNullable(fault);
    }

    private void work() throws InterruptedException {
        long expiry = clock.nanos();
        while (awaitWork(expiry)) {
            if (expiry - clock.nanos() <= 0) {
                expiry = clock.deadline(EXPIRY);
                attempt(_ -> expire.run(), 0);
            }
            Long run = next();
            if (run != null && !attempt(task, run)) {
                add(List.of(run));
                pause();
            }
        }
    }

    /** False if it failed. */
    private boolean attempt(Task work, long run) throws InterruptedException {
        try {
            work.archive(run);
            fault = null;
            return true;
        } catch (RuntimeException e) {
            if (fault == null) {
                System.getLogger(LogArchiver.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "the logs of runs cannot be archived; it is tried again every %s seconds"
                                        .formatted(RETRY.toSeconds()),
                                e);
            }
            fault = e;
            return false;
        }
    }

    private @Nullable Long next() {
        lock.lock();
        try {
            return waiting.poll();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until there is a run or the time has come; false if it was closed. */
    private boolean awaitWork(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && waiting.isEmpty() && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause() throws InterruptedException {
        long deadline = clock.deadline(RETRY);
        lock.lockInterruptibly();
        try {
            while (!closed && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        worker.join();
    }
}
