package dev.forebay.record;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Hands batches out one at a time, and takes the consumer's word on each: committed, failed,
 * divided or given up. Takes the buffer's lock itself, and is called with it free.
 */
final class Handover<T> {
    private final BufferState<T> in;
    private final Releaser<T> releaser;
    private final @Nullable ReleaseTimer<T> timer;

    /** Batches whose commits are noted and not yet known to be synced, and where they are noted. */
    private final Map<Long, Long> unsettled = new HashMap<>();

    Handover(BufferState<T> in, Releaser<T> releaser, @Nullable ReleaseTimer<T> timer) {
        this.in = in;
        this.releaser = releaser;
        this.timer = timer;
    }

    Optional<Batch<T>> take(Duration deadline) throws InterruptedException {
        Batch<T> batch;
        in.lock.lockInterruptibly();
        try {
            in.checkNotClosed();
            releaser.retry();
            if (!in.isReady()) {
                awaitBatch(deadline);
            }
            if (in.closed || !in.isReady()) {
                return Optional.empty();
            }
            batch = in.queue.take();
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        EntryLog<T> log = in.log;
        return Optional.of(log == null ? batch : prepare(batch, log));
    }

    private void awaitBatch(Duration deadline) throws InterruptedException {
        long end = in.clock.deadline(deadline);
        if (timer != null) {
            timer.releaseIfDue();
            in.throwTrouble();
        }
        while (!in.isReady() && !in.closed && end - in.clock.nanos() > 0) {
            in.checkThreads(); // A batch that time alone releases would never come.
            if (timer == null) {
                in.clock.await(in.lock, in.moved, end);
            } else {
                timer.awaitBatch(end);
            }
            in.throwTrouble();
        }
    }

    /** A batch leaves as durable as its consumer asked for, and with its records in memory. */
    private Batch<T> prepare(Batch<T> batch, EntryLog<T> log) {
        try {
            log.settleHandOver(batch.noted());
            return batch.spilled() ? load(batch, log) : batch;
        } catch (RuntimeException | Error e) {
            in.lock.lock();
            try {
                in.queue.comeBack(List.of(batch));
                in.moved.signalAll();
            } finally {
                in.lock.unlock();
            }
            throw e;
        }
    }

    private Batch<T> load(Batch<T> batch, EntryLog<T> log) {
        long from;
        in.lock.lock();
        try {
            from = log.position(batch.first());
        } finally {
            in.lock.unlock();
        }
        Batch<T> whole = batch.with(log.read(batch, from));
        in.lock.lock();
        try {
            in.queue.loaded(whole);
        } finally {
            in.lock.unlock();
        }
        return whole;
    }

    void commit(Batch<T> batch) {
        long due;
        in.lock.lock();
        try {
            in.checkNotClosed();
            Long noted = unsettled.get(batch.id());
            due = noted == null ? in.withRoom(() -> noteCommit(batch)) : noted;
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        settleCommit(batch, due);
    }

    private long noteCommit(Batch<T> batch) {
        Batch<T> mine = in.queue.mine(batch);
        if (in.log != null) {
            in.log.note(new LogEntry.Committed(mine.id(), mine.first(), mine.last()));
        }
        in.accounts.committed(mine.size());
        in.queue.leave();
        if (in.announcer.telling) {
            in.announcer.event(listener -> listener.committed(in.facts(mine)));
        }
        long due = in.due();
        if (in.syncs()) {
            unsettled.put(batch.id(), due);
        }
        in.freed();
        return due;
    }

    /** Waits for the note; while that has not ended well, the commit can be asked for again. */
    private void settleCommit(Batch<T> batch, long due) {
        in.settle(due);
        if (in.syncs()) {
            in.lock.lock();
            try {
                unsettled.remove(batch.id());
            } finally {
                in.lock.unlock();
            }
        }
    }

    void fail(Batch<T> batch, String reason) {
        in.lock.lock();
        try {
            in.checkNotClosed();
            comeBack(in.queue.mine(batch), reason);
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
    }

    /** As {@link #fail}, if the batch is still out; for a consumer that cannot know. */
    void giveBack(Batch<T> batch, String reason) {
        in.lock.lock();
        try {
            if (!in.closed && in.queue.isOut(batch)) {
                comeBack(in.queue.mine(batch), reason);
            }
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
    }

    /** The batch is the next one handed out, noted or not. */
    private void comeBack(Batch<T> mine, String reason) {
        Batch<T> again = mine.again();
        try {
            if (in.log != null) {
                in.log.failed(mine);
            }
        } finally {
            in.queue.comeBack(List.of(again));
            in.moved.signalAll();
            in.announcer.event(listener -> listener.failed(in.facts(again), reason));
        }
    }

    /** Divides the taken batch into halves with ids of their own; the next two handed out. */
    void split(Batch<T> batch) {
        in.lock.lock();
        try {
            in.checkNotClosed();
            in.withRoom(() -> noteSplit(in.queue.mine(batch)));
        } finally {
            in.lock.unlock();
        }
    }

    private boolean noteSplit(Batch<T> mine) {
        int half = mine.size() / 2;
        if (half == 0) {
            throw new IllegalArgumentException("a batch of one record cannot be divided");
        }
        long a = in.accounts.nextBatch();
        long b = in.accounts.nextBatch();
        EntryLog<T> log = in.log;
        long noted =
                log == null
                        ? 0
                        : log.note(
                                new LogEntry.Split(
                                        mine.id(),
                                        mine.first(),
                                        mine.first() + half,
                                        mine.last(),
                                        mine.cause(),
                                        a,
                                        b));
        in.queue.comeBack(
                List.of(mine.part(a, 0, half, noted), mine.part(b, half, mine.size(), noted)));
        in.moved.signalAll();
        return true;
    }

    void deadLetter(Batch<T> batch, String reason) {
        long due;
        in.lock.lock();
        try {
            in.checkNotClosed();
            due = in.withRoom(() -> noteDead(in.queue.mine(batch), reason));
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        in.settle(due);
    }

    private long noteDead(Batch<T> mine, String reason) {
        in.dead.checkRoom(mine);
        DeadLetter<T> letter = new DeadLetter<>(mine.id(), mine.first(), reason, mine.records());
        long position = 0;
        if (in.log != null) {
            in.log.note(new LogEntry.DeadLettered(mine.id(), mine.first(), mine.last(), reason));
            position = in.log.position(mine.first());
        }
        in.dead.put(new DeadLetters.Entry<>(letter, mine.bytes(), position));
        long count = mine.size();
        in.accounts.dropped(DropReason.DEAD_LETTER, count);
        in.announcer.event(listener -> listener.dropped(DropReason.DEAD_LETTER, count));
        in.queue.leave();
        long due = in.due();
        in.freed();
        return due;
    }

    List<DeadLetter<T>> deadLetters() {
        in.lock.lock();
        try {
            return in.dead.list();
        } finally {
            in.lock.unlock();
        }
    }
}
