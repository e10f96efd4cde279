package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ForebayException;
import dev.forebay.record.outlet.Batch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Hands batches out one at a time, and takes the consumer's answer to each: committed, failed or
 * divided. A service of {@link BufferState}.
 */
final class Handover<T> {
    private final BufferState<T> in;

    Handover(BufferState<T> in) {
        this.in = in;
    }

    Optional<Batch<T>> take(Duration deadline) throws InterruptedException {
        ReleasedBatch<T> batch;
        in.lock.lockInterruptibly();
        try {
            in.phase.checkGivesRecords();
            in.releaser.retry();
            if (!in.queue.isReady()) {
                awaitBatch(deadline);
            }
            if (in.phase.isClosed() || !in.queue.isReady()) {
                return Optional.empty();
            }
            batch = in.queue.take();
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        JournalAccess<T> journal = in.journal;
        return Optional.of(journal == null ? batch : prepare(batch, journal));
    }

    @GuardedBy("in.lock")
    private void awaitBatch(Duration deadline) throws InterruptedException {
        long end = in.clock.deadline(deadline);
        if (in.timer != null) {
            in.timer.releaseIfDue();
            in.releaser.throwTrouble();
        }
        while (!in.queue.isReady() && !in.phase.isClosed() && end - in.clock.nanos() > 0) {
            in.phase.checkThreads(); // A batch that time alone releases would never come.
            if (in.timer == null) {
                in.waiters.awaitMove(end);
            } else {
                in.timer.awaitBatch(end);
            }
            in.releaser.throwTrouble();
        }
    }

    /** Makes a batch as durable as its consumer asked for, and brings its records into memory. */
    private ReleasedBatch<T> prepare(ReleasedBatch<T> batch, JournalAccess<T> journal) {
        boolean ready = false;
        try {
            journal.settleHandOver(batch.noted());
            ReleasedBatch<T> whole = batch.spilled() ? load(batch, journal) : batch;
            ready = true;
            return whole;
        } finally {
            if (!ready) {
                putBack(batch);
            }
        }
    }

    private void putBack(ReleasedBatch<T> batch) {
        in.lock.lock();
        try {
            in.queue.comeBack(List.of(batch));
            in.waiters.moved();
        } finally {
            in.lock.unlock();
        }
    }

    private ReleasedBatch<T> load(ReleasedBatch<T> batch, JournalAccess<T> journal) {
        ReleasedBatch<T> whole = batch.with(journal.read(batch, position(batch)));
        in.lock.lock();
        try {
            in.queue.loaded(whole);
        } finally {
            in.lock.unlock();
        }
        return whole;
    }

    private long position(ReleasedBatch<T> batch) {
        in.lock.lock();
        try {
            return in.log == null ? 0 : in.log.position(batch.first());
        } finally {
            in.lock.unlock();
        }
    }

    void commit(Batch<T> batch) {
        long due;
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
            long noted = in.queue.commitOf(batch.id());
            due = noted == 0 ? noteCommitWithRoom(batch) : noted;
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        settleCommit(batch, due);
    }

    @GuardedBy("in.lock")
    private long noteCommitWithRoom(Batch<T> batch) {
        in.keepUp();
        while (true) {
            try {
                return noteCommit(batch);
            } catch (ForebayException e) {
                in.awaitRoomAfter(e);
            }
        }
    }

    @GuardedBy("in.lock")
    private long noteCommit(Batch<T> batch) {
        ReleasedBatch<T> mine = in.queue.mine(batch);
        if (in.log != null) {
            in.log.note(new LogEntry.Committed(mine.id(), mine.first(), mine.last()));
        }
        in.accounts.committed(mine.size());
        in.queue.leave();
        if (in.announcer.telling) {
            in.announcer.event(listener -> listener.committed(RecordListener.Facts.of(mine)));
        }
        long due = in.due();
        if (in.syncsCommits) {
            in.queue.commitBegins(batch.id(), due);
        }
        in.freed();
        return due;
    }

    /** Waits for the entry; while that has not ended well, the commit can be asked for again. */
    private void settleCommit(Batch<T> batch, long due) {
        if (!in.syncsCommits) {
            return;
        }
        in.settle(due);
        in.lock.lock();
        try {
            in.queue.commitEnds(batch.id());
        } finally {
            in.lock.unlock();
        }
    }

    void fail(Batch<T> batch, String reason) {
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
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
            if (!in.phase.isClosed() && in.queue.isOut(batch)) {
                comeBack(in.queue.mine(batch), reason);
            }
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
    }

    /** Makes the batch the next one handed out, also if its failure cannot be noted. */
    @GuardedBy("in.lock")
    private void comeBack(ReleasedBatch<T> mine, String reason) {
        ReleasedBatch<T> again = mine.again();
        try {
            if (in.log != null) {
                in.log.failed(mine);
            }
        } finally {
            in.queue.comeBack(List.of(again));
            in.waiters.moved();
            in.announcer.event(listener -> listener.failed(RecordListener.Facts.of(again), reason));
        }
    }

    /** Divides the taken batch into halves with ids of their own; the next two handed out. */
    void split(Batch<T> batch) {
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
            noteSplitWithRoom(batch);
        } finally {
            in.lock.unlock();
        }
    }

    @GuardedBy("in.lock")
    private void noteSplitWithRoom(Batch<T> batch) {
        in.keepUp();
        while (true) {
            try {
                noteSplit(in.queue.mine(batch));
                return;
            } catch (ForebayException e) {
                in.awaitRoomAfter(e);
            }
        }
    }

    @GuardedBy("in.lock")
    private void noteSplit(ReleasedBatch<T> mine) {
        int half = mine.size() / 2;
        if (half == 0) {
            throw new IllegalArgumentException("a batch of one record cannot be divided");
        }
        long a = in.accounts.nextBatch();
        long b = in.accounts.nextBatch();
        long middle = mine.first() + half;
        LogEntry entry =
                new LogEntry.Split(
                        mine.id(), mine.first(), middle, mine.last(), mine.cause(), a, b);
        long noted = in.log == null ? 0 : in.log.note(entry);
        in.queue.comeBack(
                List.of(mine.part(a, 0, half, noted), mine.part(b, half, mine.size(), noted)));
        in.waiters.moved();
    }
}
