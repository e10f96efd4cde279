package dev.forebay.record;

import dev.forebay.base.TriggerWatch;
import java.util.concurrent.locks.Condition;

/**
 * Releases by time, with no new input and never early, on a thread of its own that ends with the
 * buffer.
 *
 * <p>It sleeps past releases by others: a stale deadline is only too early, and costs those who add
 * nothing.
 */
final class ReleaseTimer<T> {
    /** When a release could not be noted. */
    private static final long RETRY_NANOS = 100_000_000;

    private final Interior<T> in;
    private final Releaser<T> releaser;
    private final Condition changed;
    private boolean idle;
    private long wakesAt;

    ReleaseTimer(Interior<T> in, Releaser<T> releaser) {
        this.in = in;
        this.releaser = releaser;
        changed = in.lock.newCondition();
    }

    void start() {
        Thread.ofPlatform().name("forebay-record-timer").daemon().start(this::run);
    }

    /** A record came; the lock is held. */
    void wakeIfEarlier() {
        TriggerWatch<T> watch = in.holding.watch;
        if (idle || !watch.plain() && watch.dueIn() < Math.max(0, wakesAt - in.clock.nanos())) {
            wake();
        }
    }

    /** Whether it wakes in time for a record that comes unnoticed; the lock is held. */
    boolean wakesForTheNext() {
        return !idle && in.holding.watch.plain();
    }

    /** The lock is held. */
    void wake() {
        idle = false;
        changed.signalAll();
    }

    private void run() {
        in.lock.lock();
        try {
            while (!in.closed) {
                in.holding.settle(); // Who comes next takes the lock, and so finds out about idle.
                // The clock before due is asked: what passes between is not added.
                long now = in.clock.nanos();
                long due = in.holding.watch.dueIn();
                if (due == TriggerWatch.NEVER) {
                    idle = true;
                    changed.await();
                } else if (due > 0 || !in.holding.watch.fires()) {
                    sleepUntil(now + Math.max(due, 1));
                } else if (releaser.releaseByTrigger() == 0) {
                    sleepUntil(now + RETRY_NANOS);
                } else if (in.announcer.telling) {
                    tell();
                }
            }
        } catch (InterruptedException e) {
            // Nobody has this thread to interrupt it but the end of the process.
            Thread.currentThread().interrupt();
        } finally {
            in.lock.unlock();
        }
    }

    private void tell() {
        in.lock.unlock();
        try {
            in.announcer.tell();
        } finally {
            in.lock.lock();
        }
    }

    private void sleepUntil(long nanos) throws InterruptedException {
        wakesAt = nanos;
        in.clock.await(in.lock, changed, nanos);
    }
}
