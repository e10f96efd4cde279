package dev.forebay.server;

import dev.forebay.base.Clock;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Does something again and again, on a thread of its own, with a pause before each time.
 *
 * <p><b>Guarantee.</b> Once {@link #close} has returned it does no more and nothing of it is under
 * way: what it works on may be closed, or its directory deleted. It is never interrupted, so that
 * it leaves nothing half done. <b>Limit.</b> Closing waits as long as the work that is under way
 * takes. Safe for use by many threads.
 */
final class Periodic implements AutoCloseable {
    private final Clock clock;
    private final Duration pause;

    /** Guards {@code closed}. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Thread thread;
    private boolean closed;

    /** {@code work} must not throw; the thread would end with it. */
    Periodic(String name, Clock clock, Duration pause, Runnable work) {
        this.clock = clock;
        this.pause = pause;
        this.thread =
                Thread.ofVirtual()
                        .name(name)
                        .start(() -> {
                            while (pauseUnlessClosed()) {
                                work.run();
                            }
                        });
    }

    /** False if it was closed meanwhile. */
    private boolean pauseUnlessClosed() {
        long deadline = clock.nanos() + pause.toNanos();
        lock.lock();
        try {
            while (!closed && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return !closed;
        } catch (InterruptedException e) {
            throw new AssertionError("nobody else has this thread", e);
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
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
