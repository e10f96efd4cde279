package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.TriggerWatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Releases by time, with no new input and never early. A component of {@link BufferState}.
 *
 * <p><b>Who looks at the time.</b> A thread of its own, and each thread that is blocked in a take.
 * On a busy machine a thread is late to wake, and a taker that is woken by the timer's thread would
 * be late twice. So a taker sleeps until the deadline itself, and releases.
 *
 * <p><b>Who goes first.</b> While takers wait, the timer's thread sleeps {@link #HEAD_START_NANOS}
 * past the deadline, so that the two do not meet at the lock. If all takers have left meanwhile, a
 * release is that late, unless a take or an add asks for it.
 *
 * <p><b>Why adders do not wake it.</b> A release by another thread leaves the timer with an old
 * deadline, which only wakes it too early; it looks again and sleeps on. An age begins with the
 * first record and so can only end later than the old deadline. The exceptions wake it: a timer
 * that is {@link #idle} since nothing was held, and a trigger that is not plain, where a record may
 * bring the deadline forward.
 *
 * <p><b>Why takers know each deadline.</b> A taker notes in {@link #takerLooksAt} when it will
 * look. The timer's thread, which looks whenever a deadline may have become earlier, wakes the
 * takers if none of them looks in time.
 */
final class ReleaseTimer<T> {
    /** When a release that could not be noted is tried again. */
    private static final long RETRY_NANOS = 100_000_000;

    /** How long a waiting take may release before the timer's thread does. */
    private static final long HEAD_START_NANOS = 5_000_000;

    private final Clock clock;
    private final ReentrantLock lock;
    private final HeldRecords<T> held;
    private final BatchQueue<T> queue;
    private final Releaser<T> releaser;
    private final Waiters waiters;

    /** Wakes the timer's thread. */
    private final Condition changed;

    /** Whether the timer's thread sleeps without a deadline, since nothing is held. */
    private boolean idle;

    /** When the timer's thread wakes at the latest, less its head start for takers. */
    private long wakesAt;

    /** What the clock read when the trigger was last looked at. */
    private long lookedAt;

    /** How many threads wait for a batch. */
    private int takers;

    /** When the last of them looks by itself. */
    private long takerLooksAt;

    ReleaseTimer(
            Clock clock,
            ReentrantLock lock,
            HeldRecords<T> held,
            BatchQueue<T> queue,
            Releaser<T> releaser,
            Waiters waiters) {
        this.clock = clock;
        this.lock = lock;
        this.held = held;
        this.queue = queue;
        this.releaser = releaser;
        this.waiters = waiters;
        changed = lock.newCondition();
    }

    /** A record came. */
    void wakeIfEarlier() {
        TriggerWatch<T> watch = held.watch;
        if (idle || !watch.plain() && watch.dueIn() < Math.max(0, wakesAt - clock.nanos())) {
            wake();
        }
    }

    /** Whether the timer's thread wakes in time for a record that comes without the lock. */
    boolean wakesForTheNext() {
        return !idle && held.watch.plain();
    }

    /** Makes the timer's thread look again. */
    void wake() {
        idle = false;
        changed.signalAll();
    }

    /** Releases what is due; for a take that begins. */
    void releaseIfDue() {
        if (!idle && wakesAt - clock.nanos() <= 0) {
            look();
        }
    }

    /**
     * Waits until something moved or the clock reads {@code end} or an earlier time to look again,
     * and first releases what is due.
     */
    void awaitBatch(long end) throws InterruptedException {
        long until = idle ? end : wakesAt;
        if (until - clock.nanos() <= 0) {
            long due = look();
            if (queue.isReady() || releaser.isInTrouble()) {
                return;
            }
            until = due == TriggerWatch.NEVER ? end : lookedAt + due;
        }
        takerLooksAt = until - end < 0 ? until : end;
        takers++;
        try {
            waiters.awaitMove(takerLooksAt);
        } finally {
            takers--;
        }
    }

    /** One turn of the timer's thread: releases what is due, or sleeps; whether it released. */
    boolean turn() {
        long due = look();
        if (due == TriggerWatch.NEVER) {
            idle = true;
            while (idle) {
                changed.awaitUninterruptibly();
            }
        } else if (due > 0) {
            sleepUntil(lookedAt + due);
        }
        return due == 0;
    }

    /** Releases if it is time; in how many nanoseconds to look again, 0 after a release. */
    private long look() {
        held.settle(); // The next adder takes the lock, and so finds out about idle.
        // The clock before due is asked: what passes between is not added.
        lookedAt = clock.nanos();
        long due = held.watch.dueIn();
        if (due == TriggerWatch.NEVER) {
            return due;
        }
        if (due > 0 || !held.watch.fires()) {
            return Math.max(due, 1);
        }
        return releaser.releaseByTrigger() == 0 ? RETRY_NANOS : 0;
    }

    private void sleepUntil(long nanos) {
        wakesAt = nanos;
        long until = nanos;
        if (takers > 0) {
            if (takerLooksAt - lookedAt <= 0 || takerLooksAt - nanos > 0) {
                waiters.moved(); // None of them may know of a time as early as this.
            }
            until += HEAD_START_NANOS;
        }
        try {
            clock.await(lock, changed, until);
        } catch (InterruptedException e) {
            // A listener may leave an interrupt behind. It ends nothing: the thread looks again,
            // and ends only with the buffer.
        }
    }
}
