package dev.forebay.blob;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that wait for a blob to appear, by its name, so that a new blob wakes its own waiters
 * only.
 *
 * <p><b>Guarantee.</b> No wake-up is lost: a waiter is listed before its caller looks for the blob,
 * and the caller looks again after every wake-up.
 *
 * <p>Safe for use by many threads. The waiting thread keeps its own time; no other thread has to
 * live for it.
 */
final class Waiters {
    private final ConcurrentMap<BlobName, Set<Waiter>> waiting = new ConcurrentHashMap<>();
    private final Clock clock;

    Waiters(Clock clock) {
        this.clock = clock;
    }

    /** One waiting call. */
    final class Waiter {
        private final BlobName[] names;

        private final ReentrantLock lock = new ReentrantLock();

        private final Condition changed = lock.newCondition();

        @GuardedBy("lock")
        private boolean woken;

        private Waiter(BlobName... names) {
            this.names = names;
        }

        /**
         * Waits until one of the names is announced or the deadline has come; false in the second
         * case.
         */
        boolean await(long deadlineNanos) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (!woken && deadlineNanos - clock.nanos() > 0) {
                    clock.await(lock, changed, deadlineNanos);
                }
                boolean was = woken;
                woken = false;
                return was;
            } finally {
                lock.unlock();
            }
        }

        private void wake() {
            lock.lock();
            try {
                woken = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    Waiter enlist(BlobName... names) {
        Waiter waiter = new Waiter(names);
        for (BlobName name : names) {
            waiting.compute(
                    name,
                    (any, set) -> {
                        Set<Waiter> waiters = set == null ? new HashSet<>() : set;
                        waiters.add(waiter);
                        return waiters;
                    });
        }
        return waiter;
    }

    void dismiss(Waiter waiter) {
        for (BlobName name : waiter.names) {
            waiting.computeIfPresent(
                    name,
                    (any, set) -> {
                        set.remove(waiter);
                        return set.isEmpty() ? null : set;
                    });
        }
    }

    /** Wakes those who wait for {@code name}. */
    void announce(BlobName name) {
        waiting.computeIfPresent(
                name,
                (any, set) -> {
                    set.forEach(Waiter::wake);
                    return set;
                });
    }

    /** Wakes everybody. */
    void announceAll() {
        waiting.keySet().forEach(this::announce);
    }
}
