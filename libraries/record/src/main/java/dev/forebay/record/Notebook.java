package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes what happens to a buffer into its journal.
 *
 * <p><b>The rule of syncs.</b> A call that takes records in, commits them or lets them go in
 * another way returns when its note is as durable as the buffer. That a batch failed is not waited
 * for: a power cut may take such counts back. A batch is synced before it is handed out, whatever
 * the buffer promises.
 *
 * <p>The notes are appended with the buffer's lock held, and waited for with the lock free.
 */
final class Notebook<T> {
    private static final int FREED_PER_TRIM = 64;

    /** What a frame adds to a record, at most. */
    private static final long FRAME = 56;

    /** What has to be on the disk, and what can leave it, before a call returns. */
    record Due(long position, long trim) {}

    private final RecordLog log;
    private final Codec<T> codec;
    private final Durability durability;
    private final Clock clock;
    private final Announcer announcer;
    private final Waits waits = new Waits();
    private Positions positions = new Positions();
    private long last;
    private long trim;
    private int freed;

    Notebook(
            RecordLog log,
            Codec<T> codec,
            Durability durability,
            Clock clock,
            Announcer announcer) {
        this.log = log;
        this.codec = codec;
        this.durability = durability;
        this.clock = clock;
        this.announcer = announcer;
    }

    /** Plays the past from the beginning. */
    History<T> history() {
        History<T> history = new History<>(codec);
        log.read(0, history::play, null);
        positions = history.positions;
        return history;
    }

    RecordLog.Opened opened() {
        return log.opened();
    }

    Durability durability() {
        return durability;
    }

    SyncTimes syncTimes() {
        return waits.times();
    }

    void records(long first, List<byte[]> encoded) {
        List<byte[]> notes = new ArrayList<>(encoded.size());
        for (int i = 0; i < encoded.size(); i++) {
            notes.add(Note.of(encoded.get(i), first + i));
        }
        last = log.append(Note.RECORD, notes);
        positions.note(first, last - notes.size() + 1);
    }

    /** Where the batch is noted. */
    long batch(long id, long first, long end, Cause cause) {
        return note(Note.BATCH, Note.of(id, first, end, cause.code));
    }

    void commit(Batch<T> batch) {
        note(Note.COMMIT, Note.of(batch.id(), batch.first(), batch.last()));
    }

    /** Counts a failure across restarts, if there is room for that. */
    void failed(Batch<T> batch) {
        try {
            last = log.append(Note.FAILED, List.of(Note.of(batch.id())));
        } catch (ForebayException e) {
            if (!e.mayRetry()) {
                throw e;
            }
            // The disk is full: the batch goes back all the same, and only a restart forgets this.
        }
    }

    /** Where the halves are noted. */
    long split(Batch<T> whole, long second, long a, long b) {
        return note(
                Note.SPLIT,
                Note.of(whole.id(), whole.first(), second, whole.last(), whole.cause().code, a, b));
    }

    /** The first frame that is needed for the letter. */
    long dead(Batch<T> batch, String reason) {
        note(Note.DEAD, Note.of(reason, batch.id(), batch.first(), batch.last()));
        return positions.of(batch.first());
    }

    /** A dead letter is not needed any more. */
    void forgotten(long id) {
        note(Note.REPLAYED, Note.of(id));
    }

    /** A loss that is no commit. */
    void dropped(DropReason reason, long first, long count) {
        note(Note.DROP, Note.of(first, first + count - 1, reason.code));
    }

    /**
     * The loss of records that never had a number; it makes no room, and is refused on a full disk.
     */
    void refused(DropReason reason, long count) {
        last = log.append(Note.DROP, List.of(Note.of(0, count, reason.code)));
    }

    private long note(int kind, byte[] payload) {
        last = log.note(kind, payload);
        return last;
    }

    /**
     * Records have left. Every now and then, and whenever that makes room, the counters are noted
     * again, after which the frames in front of {@code oldest}, the first record that is still
     * needed, can go. Dead letters in front of it are carried to the end of the journal if the
     * reserve has room for them, and keep their part of it otherwise.
     */
    void freed(long oldest, DeadLetters<T> dead, Books books, long next) {
        freed++;
        long live = oldest < next ? positions.of(oldest) : last;
        List<DeadLetters.Entry<T>> behind = dead.before(live);
        boolean light = bytes(behind) <= log.reserve() / 2;
        boolean makesRoom = log.frees(light ? live : Math.min(live, dead.needed()));
        if (freed < FREED_PER_TRIM && !makesRoom) {
            return;
        }
        try {
            if (makesRoom && light) {
                behind.forEach(entry -> dead.put(carry(entry)));
            }
            note(Note.SNAPSHOT, books.snapshot(next));
        } catch (ForebayException e) {
            if (!e.mayRetry()) {
                throw e;
            }
            return; // The disk is full: what has left is noted, and the next one tries again.
        }
        trim = Math.min(oldest < next ? live : last, dead.needed());
        positions.forgetBefore(oldest);
        freed = 0;
    }

    private long bytes(List<DeadLetters.Entry<T>> entries) {
        long bytes = 0;
        for (DeadLetters.Entry<T> entry : entries) {
            bytes += entry.bytes() + FRAME * (1 + entry.letter().records().size());
        }
        return bytes;
    }

    private DeadLetters.Entry<T> carry(DeadLetters.Entry<T> entry) {
        DeadLetter<T> letter = entry.letter();
        long first = 0;
        for (int i = 0; i < letter.records().size(); i++) {
            byte[] encoded = codec.encode(letter.records().get(i));
            long position = note(Note.KEPT, Note.of(encoded, letter.batch(), i));
            first = i == 0 ? position : first;
        }
        note(Note.LETTER, Note.of(letter.reason(), letter.batch(), letter.first()));
        return new DeadLetters.Entry<>(letter, entry.bytes(), first);
    }

    /** What the caller has to {@link #settle} once the lock is free. */
    Due due() {
        Due due = new Due(last, trim);
        trim = 0;
        return due;
    }

    /** Blocks until the notes are as durable as promised. The lock is free. */
    void settle(Due due) {
        if (durability == Durability.SYNCED || due.trim > 0) {
            sync(due.position);
        }
        if (due.trim > 0) {
            log.trim(due.trim);
        }
    }

    /** Blocks until the note at {@code position} survives a power cut. The lock is free. */
    void sync(long position) {
        long before = clock.nanos();
        log.sync(position);
        long nanos = clock.nanos() - before;
        waits.note(nanos);
        if (announcer.telling) {
            announcer.tell(listener -> listener.synced(Duration.ofNanos(nanos)));
        }
    }

    /** The frame from which the records of a batch are read; the lock is held. */
    long from(Batch<T> batch) {
        return positions.of(batch.first());
    }

    /** Reads the records of a spilled batch. The lock is free. */
    List<T> read(Batch<T> batch, long from) {
        List<T> records = new ArrayList<>(batch.size());
        log.read(
                from,
                entry -> {
                    if (entry.kind() == Note.RECORD) {
                        ByteBuffer payload = entry.payload();
                        long sequence = payload.getLong();
                        if (sequence >= batch.first() && sequence <= batch.last()) {
                            records.add(codec.decode(Note.rest(payload)));
                        }
                    }
                },
                batch.noted());
        return records;
    }

    void close() {
        log.close();
    }
}
