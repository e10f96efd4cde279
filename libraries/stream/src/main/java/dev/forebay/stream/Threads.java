package dev.forebay.stream;

import dev.forebay.base.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The virtual threads of one transfer, and how they end: in peace if they can, and within the grace
 * of an interrupt in any case for whoever waits. Safe for use by many threads.
 */
final class Threads {
    /** A container that does not heed an interrupt must not hold its caller for longer. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private final Clock clock;
    private final Duration grace;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

    /** Guards {@code running}. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition ended = lock.newCondition();
    private int running;

    Threads(Clock clock, Duration grace) {
        this.clock = clock;
        this.grace = grace;
    }

    <T> Future<T> submit(Callable<T> task) {
        change(1);
        return executor.submit(() -> {
            try {
                return task.call();
            } finally {
                change(-1);
            }
        });
    }

    void execute(Runnable task) {
        Future<?> _ = submit(Executors.callable(task));
    }

    private void change(int by) {
        lock.lock();
        try {
            running += by;
            ended.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets calls to the container end in peace for the grace, then interrupts them: of a put that
     * is interrupted nobody knows whether it took effect.
     */
    void endGently() {
        endWithin(grace);
    }

    /** The same with another grace before the interrupt. */
    void endWithin(Duration time) {
        executor.shutdown();
        if (!await(time)) {
            end();
        }
    }

    /**
     * Interrupts them and waits for the grace until they are gone. Keeps the caller's interrupt.
     */
    void end() {
        executor.shutdownNow();
        if (!await(grace)) {
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
            while (running > 0 && deadline - clock.nanos() > 0) {
                clock.await(lock, ended, deadline);
            }
            return running == 0;
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
