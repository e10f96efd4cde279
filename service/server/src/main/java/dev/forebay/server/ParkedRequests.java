package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The requests that wait until a blob appears. A stopping server, and a client that leaves, end
 * their waits by an interrupt.
 *
 * <p><b>Guarantee.</b> No interrupt reaches a request's thread before or after its wait. Safe for
 * use by many threads.
 */
class ParkedRequests {
    private final Set<Waiter> waiting = ConcurrentHashMap.newKeySet();
    private volatile boolean released;

    /** A thread while it may be interrupted. */
    private static final class Waiter {
        private final ReentrantLock lock = new ReentrantLock();
        private final Thread thread = Thread.currentThread();

        @GuardedBy("lock")
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
            Thread.interrupted(); // Only this class interrupts the thread; it goes on to answer.
        }
    }

    /**
     * Runs {@code wait} on the calling thread. A wait that {@link #release} ends is a {@link
     * Fault#CLOSED}; one whose client left has found nothing.
     */
    Lookup park(Exchange exchange, Supplier<Lookup> wait) {
        Waiter waiter = new Waiter();
        waiting.add(waiter);
        try (ClientWatch _ = exchange.onClientGone(waiter::abandon)) {
            if (released) {
                throw new ContainerException(Fault.CLOSED, "the server is stopping");
            }
            return wait.get();
        } catch (ContainerException e) {
            if (waiter.abandoned) {
                return new Lookup.Absent(true); // The client no longer reads the answer.
            }
            throw e;
        } finally {
            waiting.remove(waiter);
            waiter.finish();
        }
    }

    /** How many wait. */
    int count() {
        return waiting.size();
    }

    /** Ends all waits, and those that begin later. */
    void release() {
        released = true;
        waiting.forEach(Waiter::interrupt);
    }
}
