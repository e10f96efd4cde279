package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests that send what comes, such as the lines of a log, until there is no more. A stopping
 * server, and a client that leaves, end their waits by an interrupt.
 *
 * <p><b>Guarantee.</b> No interrupt reaches a request's thread before, between or after its waits.
 * Safe for use by many threads.
 */
final class FollowingRequests {
    private final Set<Following> open = ConcurrentHashMap.newKeySet();
    private volatile boolean released;

    /** Something that blocks until there is more. */
    @FunctionalInterface
    interface Wait<T> {
        T await() throws InterruptedException;
    }

    /** One request; for its thread. */
    final class Following implements AutoCloseable {
        private final ReentrantLock lock = new ReentrantLock();
        private final Thread thread = Thread.currentThread();
        private final ClientWatch watch;

        @GuardedBy("lock")
        private boolean waiting;

        @GuardedBy("lock")
        private boolean ended;

        private Following(Exchange exchange) {
            this.watch = exchange.onClientGone(this::end);
        }

        /**
         * Waits once.
         *
         * @throws InterruptedException if there is nothing more to be sent, because the client has
         *     left or the server stops
         */
        <T> T await(Wait<T> wait) throws InterruptedException {
            begin();
            try {
                return wait.await();
            } finally {
                finish();
            }
        }

        private void begin() throws InterruptedException {
            lock.lock();
            try {
                if (ended) {
                    throw new InterruptedException("the client has left, or the server stops");
                }
                waiting = true;
            } finally {
                lock.unlock();
            }
        }

        private void finish() {
            lock.lock();
            try {
                waiting = false;
                Thread.interrupted(); // Only this class interrupts the thread; it goes on to
                // answer.
            } finally {
                lock.unlock();
            }
        }

        private void end() {
            lock.lock();
            try {
                ended = true;
                if (waiting) {
                    thread.interrupt();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            open.remove(this);
            watch.close();
        }
    }

    /** Begins to watch for the end of the calling thread's request; to be closed by it. */
    Following begin(Exchange exchange) {
        Following following = new Following(exchange);
        open.add(following);
        if (released) {
            following.end();
        }
        return following;
    }

    /** How many there are. */
    int count() {
        return open.size();
    }

    /** Ends all waits, and those that begin later. Never blocks. */
    void release() {
        released = true;
        open.forEach(Following::end);
    }
}
