package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ForebayException;
import dev.forebay.record.outlet.Batch;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives batches up as dead letters, and adds the records of letters again: each letter's once in
 * this process, however many threads ask for it, and also when a full disk refused to forget the
 * letter the first time. A service of {@link BufferState}.
 *
 * <p><b>Limit.</b> A letter that could not be forgotten is there again after a restart, beside the
 * records that were added from it.
 */
final class DeadLetterDesk<T> {
    private final BufferState<T> in;

    DeadLetterDesk(BufferState<T> in) {
        this.in = in;
    }

    List<DeadLetter<T>> list() {
        in.lock.lock();
        try {
            return in.dead.list();
        } finally {
            in.lock.unlock();
        }
    }

    void giveUp(Batch<T> batch, String reason) {
        long due;
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
            due = noteDeadWithRoom(batch, reason);
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        in.settle(due);
    }

    @GuardedBy("in.lock")
    private long noteDeadWithRoom(Batch<T> batch, String reason) {
        in.keepUp();
        while (true) {
            try {
                return noteDead(in.queue.mine(batch), reason);
            } catch (ForebayException e) {
                in.awaitRoomAfter(e);
            }
        }
    }

    @GuardedBy("in.lock")
    private long noteDead(ReleasedBatch<T> mine, String reason) {
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

    Receipt replay(DeadLetter<T> letter, Function<List<T>, Receipt> add) {
        Receipt before = begin(letter);
        try {
            Receipt receipt = before == null ? add.apply(letter.records()) : before;
            if (receipt.dropped() == 0) {
                forget(letter, receipt);
            }
            return receipt;
        } finally {
            end(letter);
        }
    }

    void discard(DeadLetter<T> letter) {
        Receipt before = begin(letter);
        try {
            forget(letter, before);
        } finally {
            end(letter);
        }
    }

    /** Claims the letter for this call; what its records were given if they were added before. */
    private @Nullable Receipt begin(DeadLetter<T> letter) {
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
            return in.dead.begin(letter);
        } finally {
            in.lock.unlock();
        }
    }

    private void end(DeadLetter<T> letter) {
        in.lock.lock();
        try {
            in.dead.end(letter);
        } finally {
            in.lock.unlock();
        }
    }

    private void forget(DeadLetter<T> letter, @Nullable Receipt receipt) {
        long due;
        in.lock.lock();
        try {
            if (receipt != null) {
                in.dead.added(letter, receipt);
            }
            due = noteForgottenWithRoom(letter);
        } finally {
            in.lock.unlock();
        }
        in.settle(due);
    }

    @GuardedBy("in.lock")
    private long noteForgottenWithRoom(DeadLetter<T> letter) {
        in.keepUp();
        while (true) {
            try {
                return noteForgotten(letter);
            } catch (ForebayException e) {
                in.awaitRoomAfter(e);
            }
        }
    }

    @GuardedBy("in.lock")
    private long noteForgotten(DeadLetter<T> letter) {
        if (in.log != null) {
            in.log.note(new LogEntry.Forgotten(letter.batch()));
        }
        in.dead.remove(letter);
        long due = in.due();
        in.freed();
        return due;
    }
}
