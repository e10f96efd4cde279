package dev.forebay.server;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The requests that are held until something appears, so that a shutdown can let go of them without
 * disturbing those that are being worked on. Safe for use by many threads.
 */
class Held {
    private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean released;

    /** A thread while it may be interrupted. */
    private static final class Waiter {
        /** Guards {@code done}: no interrupt may hit the thread after its wait. */
        private final ReentrantLock lock = new ReentrantLock();

        private final Thread thread = Thread.currentThread();
        private boolean done;

        void interrupt() {
            lock.lock();
            try {
                if (!done) {
                    thread.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        void finish() {
            lock.lock();
            try {
                done = true;
            } finally {
                lock.unlock();
            }
            Thread.interrupted(); // Ours, if it came; the thread goes on to answer.
        }
    }

    /** Runs a wait of the calling thread; ended early by {@link #release}, it is {@code CLOSED}. */
    <T> T during(Supplier<T> wait) {
        Waiter waiter = new Waiter();
        waiting.add(waiter);
        try {
            if (released) {
                throw new ContainerException(Fault.CLOSED, "the server is stopping");
            }
            return wait.get();
        } finally {
            waiting.remove(waiter);
            waiter.finish();
        }
    }

    /** Ends all waits, and those that come. */
    void release() {
        released = true;
        waiting.forEach(Waiter::interrupt);
    }
}
