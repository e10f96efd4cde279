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
    /** What a frame adds to a record, at most. */
    private static final long FRAME = 56;

    private final RecordLog log;
    private final Codec<T> codec;
    private final Durability durability;
    private final Clock clock;
    private final Announcer announcer;
    private final Waits waits = new Waits();
    private Positions positions = new Positions();
    private long last;
    private long noted;

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
        noted++;
        return last;
    }

    /** The first frame that is needed for records from {@code oldest} on; the lock is held. */
    long live(long oldest, long next) {
        return oldest < next ? positions.of(oldest) : last;
    }

    /** Whether trimming to {@code position} would make room; the lock is held. */
    boolean frees(long position) {
        return log.frees(position);
    }

    /** The bytes of the reserve when nothing is in it. */
    long reserve() {
        return log.reserve();
    }

    /** How many notes were written to the reserve or might have been; the lock is held. */
    long noted() {
        return noted;
    }

    /** Whether the reserve has room for these letters and the notes beside them. */
    boolean areLight(List<DeadLetters.Entry<T>> letters) {
        long bytes = 0;
        for (DeadLetters.Entry<T> entry : letters) {
            bytes += entry.bytes() + FRAME * (1 + entry.letter().records().size());
        }
        return bytes <= log.reserve() / 2;
    }

    /** The encoded records of a letter; the lock is free. */
    List<byte[]> encode(DeadLetter<T> letter) {
        return letter.records().stream().map(codec::encode).toList();
    }

    /** Writes a letter again at the end of the journal; the lock is held. */
    DeadLetters.Entry<T> carry(DeadLetters.Entry<T> entry, List<byte[]> encoded) {
        DeadLetter<T> letter = entry.letter();
        long first = 0;
        for (int i = 0; i < encoded.size(); i++) {
            long position = note(Note.KEPT, Note.of(encoded.get(i), letter.batch(), i));
            first = i == 0 ? position : first;
        }
        note(Note.LETTER, Note.of(letter.reason(), letter.batch(), letter.first()));
        return new DeadLetters.Entry<>(letter, entry.bytes(), first);
    }

    /** Notes the counters, which frames behind it rely on; the lock is held. */
    long snapshot(Books books, long next) {
        return note(Note.SNAPSHOT, books.snapshot(next));
    }

    /** Records in front of {@code sequence} are not asked for again; the lock is held. */
    void forgetBefore(long sequence) {
        positions.forgetBefore(sequence);
    }

    /** Lets the frames in front of {@code position} go. The lock is free. */
    void trim(long position) {
        log.trim(position);
    }

    /** What the caller has to {@link #settle} once the lock is free. */
    long due() {
        return last;
    }

    /** Blocks until the note at {@code position} is as durable as promised. The lock is free. */
    void settle(long position) {
        if (durability == Durability.SYNCED) {
            sync(position);
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

    /** Reads the records of a spilled batch; its sizes are left as they are. The lock is free. */
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
