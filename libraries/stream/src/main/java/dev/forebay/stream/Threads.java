package dev.forebay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The workers of one transfer, on virtual or platform threads, and how they end: in peace if they
 * can, and within the grace of an interrupt in any case for the thread that waits.
 *
 * <p>A platform thread takes one task after the other, since to begin one costs more than most
 * tasks of small blocks; it ends with the transfer.
 *
 * <p><b>Guarantee.</b> Whatever a task throws, an {@link Error} included, fails its future before
 * its thread ends. No thread is idle once {@link #end} or its like was called.
 *
 * <p>Safe for use by many threads.
 */
final class Threads {
    /** How long a container that ignores an interrupt may hold its caller. */
    static final Duration GRACE = Duration.ofSeconds(2);

    /** {@link Worker#virtual} or {@link Worker#platform}. */
    @FunctionalInterface
    private interface Start {
        Worker start(String name, Worker.Task task, Consumer<? super Throwable> owner);
    }

    /** A task and where its outcome goes. */
    private record Job<T>(Callable<T> task, CompletableFuture<T> outcome) {
        void run() {
            try {
                outcome.complete(task.call());
            } catch (Throwable e) {
                outcome.completeExceptionally(e);
            }
        }
    }

    /** A worker between two jobs; its fields are guarded by the lock. */
    private static final class Hand {
        final Worker worker;
        final Condition given;
        @Nullable Job<?> job;

        Hand(Worker worker, Condition given) {
            this.worker = worker;
            this.given = given;
        }
    }

    private final Clock clock;
    private final boolean platform;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    /** Workers that have a job. */
    @GuardedBy("lock")
    private final Set<Worker> running = new HashSet<>();

    /** Workers that wait for a job. */
    @GuardedBy("lock")
    private final Deque<Hand> idle = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean over;

    Threads(Clock clock) {
        this(clock, false);
    }

    Threads(Clock clock, boolean platform) {
        this.clock = clock;
        this.platform = platform;
    }

    <T> CompletableFuture<T> submit(Callable<T> task) {
        Job<T> job = new Job<>(task, new CompletableFuture<>());
        lock.lock();
        try {
            Hand free = idle.pollLast();
            if (free != null) {
                running.add(free.worker);
                free.job = job;
                free.given.signal();
            } else {
                CompletableFuture<Worker> self = new CompletableFuture<>();
                Start start = platform ? Worker::platform : Worker::virtual;
                Worker worker =
                        start.start(
                                "forebay-transfer",
                                () -> work(job, self),
                                job.outcome()::completeExceptionally);
                running.add(worker);
                self.complete(worker);
            }
        } finally {
            lock.unlock();
        }
        return job.outcome();
    }

    private void work(Job<?> first, CompletableFuture<Worker> self) {
        for (Job<?> job = first; job != null; job = next(self)) {
            job.run();
        }
    }

    /** The next job of a platform thread, which waits for it; null if there is none. */
    private @Nullable Job<?> next(CompletableFuture<Worker> self) {
        lock.lock();
        try {
            Worker worker = self.join();
            running.remove(worker);
            ended.signalAll();
            if (!platform || over) {
                return null;
            }
            Hand hand = new Hand(worker, lock.newCondition());
            idle.addLast(hand);
            while (hand.job == null && !over) {
                hand.given.awaitUninterruptibly();
            }
            return hand.job;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets calls to the container end in peace for the grace, then interrupts them: a put that is
     * interrupted may have taken effect or not.
     */
    void endGently() {
        endWithin(GRACE);
    }

    /** The same with another grace before the interrupt. */
    void endWithin(Duration time) {
        boolean gone = false;
        try {
            gone = await(time);
        } finally {
            if (!gone) {
                end();
            }
        }
    }

    /** Interrupts them and waits until they are gone, for the grace. Keeps the caller's status. */
    void end() {
        lock.lock();
        try {
            running.forEach(Worker::interrupt);
        } finally {
            lock.unlock();
        }
        if (!await(GRACE)) {
            System.getLogger(Threads.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "a call to the container is still running after the transfer");
        }
    }

    private boolean await(Duration time) {
        boolean interrupted = Thread.interrupted();
        long deadline = clock.nanos() + time.toNanos();
        lock.lock();
        try {
            over = true;
            idle.forEach(hand -> hand.given.signal());
            idle.clear();
            while (!running.isEmpty() && deadline - clock.nanos() > 0) {
                clock.await(lock, ended, deadline);
            }
            return running.isEmpty();
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
