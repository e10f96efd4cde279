package dev.forebay.record;

import dev.forebay.base.Clock;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The threads that wait in calls of a buffer, with its lock: for batches and departures, and for
 * room. A component of {@link BufferState}.
 */
final class Waiters {
    private final Clock clock;
    private final ReentrantLock lock;
    private final Condition moved;
    private final Condition room;

    Waiters(Clock clock, ReentrantLock lock) {
        this.clock = clock;
        this.lock = lock;
        moved = lock.newCondition();
        room = lock.newCondition();
    }

    /** A batch was released or given back, records left, or the phase changed. */
    void moved() {
        moved.signalAll();
    }

    /** There is room, or there will be none. */
    void room() {
        room.signalAll();
    }

    /** Waits for {@link #moved} until the clock reads {@code end}; may return early. */
    void awaitMove(long end) throws InterruptedException {
        clock.await(lock, moved, end);
    }

    /** Waits until the buffer has ended, whatever interrupts. */
    void awaitEnd(Phase phase) {
        while (!phase.hasEnded()) {
            moved.awaitUninterruptibly();
        }
    }

    /** Waits for {@link #room} until the clock reads {@code end}; may return early. */
    void awaitRoom(long end) throws InterruptedException {
        clock.await(lock, room, end);
    }
}
