package dev.forebay.record;

import dev.forebay.base.TriggerWatch;
import dev.forebay.base.Worker;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * Releases by time, with no new input and never early, on a thread of its own that ends with the
 * buffer.
 *
 * <p>It sleeps past releases by others: a stale deadline is only too early, and costs those who add
 * nothing. Whoever waits for a batch keeps the time as well, and goes first: on a busy machine a
 * thread is late to wake, and to be woken by another that is late is to be late twice.
 */
final class ReleaseTimer<T> {
    /** When a release could not be noted. */
    private static final long RETRY_NANOS = 100_000_000;

    /**
     * What whoever waits for a batch has before this thread, so that the two do not meet at the
     * lock. If it has left meanwhile, a release is this late unless somebody asks for it.
     */
    private static final long HEAD_START_NANOS = 5_000_000;

    private final BufferState<T> in;
    private final Releaser<T> releaser;
    private final Condition changed;
    private boolean idle;
    private long wakesAt;

    /** What the clock read when the trigger was last looked at. */
    private long lookedAt;

    /** How many wait for a batch. */
    private int takers;

    /** When the last of them looks by itself. */
    private long takerLooksAt;

    private @Nullable Worker worker;

    ReleaseTimer(BufferState<T> in, Releaser<T> releaser) {
        this.in = in;
        this.releaser = releaser;
        changed = in.lock.newCondition();
    }

    void start() {
        worker = Worker.platform("forebay-record-timer", this::run, in::failed);
    }

    /** Whether the calling thread is the timer's. */
    boolean isCurrent() {
        return worker != null && worker.isCurrent();
    }

    /** Waits for the end of the thread, which ends when the buffer is closed. The lock is free. */
    void join() {
        if (worker != null) {
            worker.join();
        }
    }

    /** A record came; the lock is held. */
    void wakeIfEarlier() {
        TriggerWatch<T> watch = in.held.watch;
        if (idle || !watch.plain() && watch.dueIn() < Math.max(0, wakesAt - in.clock.nanos())) {
            wake();
        }
    }

    /** Whether it wakes in time for a record that comes unnoticed; the lock is held. */
    boolean wakesForTheNext() {
        return !idle && in.held.watch.plain();
    }

    /** The lock is held. */
    void wake() {
        idle = false;
        changed.signalAll();
    }

    /** Somebody asks for a batch: releases what is due; the lock is held. */
    void releaseIfDue() {
        if (!idle && wakesAt - in.clock.nanos() <= 0) {
            look();
        }
    }

    /**
     * Waits until something moved or the clock reads {@code end} or an earlier time to look again,
     * and first releases what is due; the lock is held.
     */
    void awaitBatch(long end) throws InterruptedException {
        long until = idle ? end : wakesAt;
        if (until - in.clock.nanos() <= 0) {
            long due = look();
            if (in.isReady() || in.trouble != null) {
                return;
            }
            until = due == TriggerWatch.NEVER ? end : lookedAt + due;
        }
        takerLooksAt = until - end < 0 ? until : end;
        takers++;
        try {
            in.clock.await(in.lock, in.moved, takerLooksAt);
        } finally {
            takers--;
        }
    }

    private void run() {
        in.lock.lock();
        try {
            while (!in.closed) {
                long due = look();
                if (due == TriggerWatch.NEVER) {
                    idle = true;
                    changed.awaitUninterruptibly();
                } else if (due > 0) {
                    sleepUntil(lookedAt + due);
                } else if (in.announcer.telling) {
                    tell();
                }
            }
        } finally {
            in.lock.unlock();
        }
    }

    /** Releases if it is time; in how many nanoseconds to look again, 0 after a release. */
    private long look() {
        in.held.settle(); // Who comes next takes the lock, and so finds out about idle.
        // The clock before due is asked: what passes between is not added.
        lookedAt = in.clock.nanos();
        long due = in.held.watch.dueIn();
        if (due == TriggerWatch.NEVER) {
            return due;
        }
        if (due > 0 || !in.held.watch.fires()) {
            return Math.max(due, 1);
        }
        return releaser.releaseByTrigger() == 0 ? RETRY_NANOS : 0;
    }

    private void tell() {
        in.lock.unlock();
        try {
            in.announcer.tell();
        } finally {
            in.lock.lock();
        }
    }

    private void sleepUntil(long nanos) {
        wakesAt = nanos;
        long until = nanos;
        if (takers > 0) {
            if (takerLooksAt - lookedAt <= 0 || takerLooksAt - nanos > 0) {
                in.moved.signalAll(); // None of them may know of a time as early as this.
            }
            until += HEAD_START_NANOS;
        }
        try {
            in.clock.await(in.lock, changed, until);
        } catch (InterruptedException e) {
            // A listener may leave an interrupt behind. It ends nothing: the thread looks again,
            // and ends only with the buffer.
        }
    }
}
