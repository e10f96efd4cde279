package dev.forebay.server;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The requests that are held until something appears, so that a shutdown, and a client that leaves,
 * can end them without disturbing those that are being worked on. Safe for use by many threads.
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
        private volatile boolean abandoned;

        void abandon() {
            abandoned = true;
            interrupt();
        }

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

    /**
     * Runs a wait of the calling thread. Ended early by {@link #release} it is {@code CLOSED}, and
     * by the client's leaving it has found nothing.
     */
    Lookup during(WatchedEndPoint client, Supplier<Lookup> wait) {
        Waiter waiter = new Waiter();
        waiting.add(waiter);
        try {
            if (released) {
                throw new ContainerException(Fault.CLOSED, "the server is stopping");
            }
            client.watch(waiter::abandon);
            return wait.get();
        } catch (ContainerException e) {
            if (waiter.abandoned) {
                return new Lookup.Absent(true); // Nobody reads more than that.
            }
            throw e;
        } finally {
            client.unwatch();
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
