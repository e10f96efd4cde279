package dev.forebay.identity;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets a few password hashes run at once, so that logins do not take all processors.
 *
 * <p><b>Guarantee.</b> At most {@code atOnce} run and {@code mostWaiting} wait, in the order in
 * which they came; a caller waits no longer than {@code patience}. A slot is given on however its
 * hash ended.
 *
 * <p><b>Limit.</b> A caller that finds the queue full, waits in vain or is interrupted gets
 * nothing. The lock is never held during a hash.
 */
final class HashGate {
    private final Clock clock;
    private final int atOnce;
    private final int mostWaiting;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Queue<Waiter> queue = new ArrayDeque<>();

    @GuardedBy("lock")
    private int running;

    /** A thread in the queue. */
    private static final class Waiter {
        private final Condition called;

        /** True once a slot is this thread's; guarded by the gate's lock. */
        private boolean admitted;

        Waiter(Condition called) {
            this.called = called;
        }
    }

    HashGate(Clock clock, int atOnce, int mostWaiting, Duration patience) {
        this.clock = clock;
        this.atOnce = atOnce;
        this.mostWaiting = mostWaiting;
        this.patience = patience;
    }

    /** What {@code hash} returns, or empty if there was no slot for it in time. */
    <T> Optional<T> run(Supplier<T> hash) {
        if (!enter()) {
            return Optional.empty();
        }
        try {
            return Optional.of(hash.get());
        } finally {
            leave();
        }
    }

    private boolean enter() {
        lock.lock();
        try {
            if (running < atOnce) { // Then the queue is empty: a free slot goes there first.
                running++;
                return true;
            }
            if (queue.size() >= mostWaiting) {
                return false;
            }
            Waiter waiter = new Waiter(lock.newCondition());
            queue.add(waiter);
            await(waiter);
            if (!waiter.admitted) {
                queue.remove(waiter);
            }
            return waiter.admitted;
        } finally {
            lock.unlock();
        }
    }

    private void await(Waiter waiter) {
        long deadline = clock.deadline(patience);
        try {
            while (!waiter.admitted && deadline - clock.nanos() > 0) {
                clock.await(lock, waiter.called, deadline);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // A slot that it was given meanwhile is used.
        }
    }

    private void leave() {
        lock.lock();
        try {
            Waiter next = queue.poll();
            if (next == null) {
                running--;
            } else {
                next.admitted = true;
                next.called.signal();
            }
        } finally {
            lock.unlock();
        }
    }
}
