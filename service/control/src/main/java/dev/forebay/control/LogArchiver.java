package dev.forebay.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Archives the logs of runs that have ended, one after the other on a thread of its own, and has
 * expired ones removed every hour.
 *
 * <p><b>Guarantee.</b> What fails is repeated after {@link #RETRY}, until it succeeds or this is
 * closed; the others do not wait for it. Meanwhile {@link #fault} has the reason. Once {@link
 * #close} has returned, nothing is under way.
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

    /** A run whose log could not be archived, and when that is tried again. */
    private record Retry(long run, long due) {}

    private final Clock clock;
    private final Task task;
    private final Runnable expire;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Worker worker;

    @GuardedBy("lock")
    private final Deque<Long> waiting = new ArrayDeque<>();

    /** The one to be tried again first is first. */
    @GuardedBy("lock")
    private final Deque<Retry> failed = new ArrayDeque<>();

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
                retryLater(run);
            }
        }
    }

    /** False if it failed. */
    private boolean attempt(Task work, long run) throws InterruptedException {
        try {
            work.archive(run);
            succeeded();
            return true;
        } catch (RuntimeException e) {
            if (fault == null) {
                System.getLogger(LogArchiver.class.getName())
                        .log(
                                System.Logger.Level.WARNING,
                                "the logs of runs cannot be archived; each that failed is tried again after %s seconds"
                                        .formatted(RETRY.toSeconds()),
                                e);
            }
            fault = e;
            return false;
        }
    }

    private void succeeded() {
        lock.lock();
        try {
            fault = failed.isEmpty() ? null : fault;
        } finally {
            lock.unlock();
        }
    }

    private void retryLater(long run) {
        lock.lock();
        try {
            failed.add(new Retry(run, clock.deadline(RETRY)));
        } finally {
            lock.unlock();
        }
    }

    /** One that waits, else one whose time to be tried again has come. */
    private @Nullable Long next() {
        lock.lock();
        try {
            Long run = waiting.poll();
            Retry retry = failed.peek();
            if (run == null && retry != null && retry.due() - clock.nanos() <= 0) {
                return failed.remove().run();
            }
            return run;
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until there is a run to archive or the time has come; false if this was closed. */
    private boolean awaitWork(long expiry) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Retry retry = failed.peek(); // Only this thread adds and removes.
            long deadline = retry != null && retry.due() - expiry < 0 ? retry.due() : expiry;
            while (!closed && waiting.isEmpty() && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !closed;
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
