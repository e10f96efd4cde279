package dev.forebay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The workers of one transfer, on virtual or platform threads, and how they end: in peace if they
 * can, and within the grace of an interrupt in any case for the thread that waits.
 *
 * <p><b>Guarantee.</b> Whatever a task throws, an {@link Error} included, fails its future before
 * its thread ends.
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

    private final Clock clock;
    private final Start kind;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ended = lock.newCondition();

    @GuardedBy("lock")
    private final Set<Worker> running = new HashSet<>();

    Threads(Clock clock) {
        this(clock, false);
    }

    Threads(Clock clock, boolean platform) {
        this.clock = clock;
        this.kind = platform ? Worker::platform : Worker::virtual;
    }

    <T> CompletableFuture<T> submit(Callable<T> task) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        CompletableFuture<Worker> self = new CompletableFuture<>();
        lock.lock();
        try {
            Worker worker =
                    kind.start(
                            "forebay-transfer",
                            () -> run(task, outcome, self),
                            outcome::completeExceptionally);
            running.add(worker);
            self.complete(worker);
        } finally {
            lock.unlock();
        }
        return outcome;
    }

    private <T> void run(
            Callable<T> task, CompletableFuture<T> outcome, CompletableFuture<Worker> self) {
        try {
            outcome.complete(task.call());
        } catch (Throwable e) {
            outcome.completeExceptionally(e);
        } finally {
            gone(self);
        }
    }

    private void gone(CompletableFuture<Worker> self) {
        lock.lock();
        try {
            running.remove(self.join());
            ended.signalAll();
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
