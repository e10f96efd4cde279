package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Adds the records of dead letters again, each letter's once in this process, however many threads
 * ask for it, and also when a full disk refused to forget the letter the first time. Takes the
 * buffer's lock itself, and is called with it free.
 *
 * <p>After a restart nobody knows of records that were added when the letter could not be
 * forgotten: they are there, and the letter too.
 */
final class LetterReplays<T> {
    private final BufferState<T> in;

    /** Batches whose letters a call is adding now, with the lock free. */
    private final Set<Long> underWay = new HashSet<>();

    /** What the records were given, where the letter could not be forgotten after that. */
    private final Map<Long, Receipt> added = new HashMap<>();

    LetterReplays(BufferState<T> in) {
        this.in = in;
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

    /** The letter is this call's; what its records were given if they were added before. */
    private @Nullable Receipt begin(DeadLetter<T> letter) {
        in.lock.lock();
        try {
            in.checkNotClosed();
            in.dead.check(letter);
            if (!underWay.add(letter.batch())) {
                throw new RecordException(
                        Fault.WRONG_BATCH,
                        "the dead letter of batch "
                                + letter.batch()
                                + " is being replayed or discarded by another call; ask for"
                                + " deadLetters again when that has returned");
            }
            return added.get(letter.batch());
        } finally {
            in.lock.unlock();
        }
    }

    private void end(DeadLetter<T> letter) {
        in.lock.lock();
        try {
            underWay.remove(letter.batch());
        } finally {
            in.lock.unlock();
        }
    }

    private long noteForgotten(DeadLetter<T> letter) {
        if (in.log != null) {
            in.log.note(new LogEntry.Forgotten(letter.batch()));
        }
        in.dead.remove(letter);
        added.remove(letter.batch());
        long due = in.due();
        in.freed();
        return due;
    }

    private void forget(DeadLetter<T> letter, @Nullable Receipt receipt) {
        long due;
        in.lock.lock();
        try {
            if (receipt != null) {
                added.put(letter.batch(), receipt);
            }
            due = in.withRoom(() -> noteForgotten(letter));
        } finally {
            in.lock.unlock();
        }
        in.settle(due);
    }
}
