package dev.forebay.record;

import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import java.util.List;

/**
 * What happens to a buffer, appended to its journal, and which of it calls are waiting to see
 * synced. A component of {@link BufferState}.
 *
 * <p>An append copies the entry and waits for no sync. A release is appended in front of what the
 * same call waits for, so that one sync does for both.
 */
final class EntryLog<T> {
    /** What a frame adds to a record, at most, in bytes. */
    private static final long FRAME = 56;

    private final Journal journal;

    /** Whether a batch is handed out only when its release is synced. */
    private final boolean syncsHandOver;

    private FramePositions positions = new FramePositions();

    /** The last entry. */
    private long last;

    /** How many entries went to the journal's reserve or might have. */
    private long noted;

    /** The last entry that an add has seen synced. */
    private long synced;

    /** Adds that are waiting for a sync of their entries. */
    private int settlers;

    /** The last of those entries. */
    private long settling;

    EntryLog(Journal journal, boolean syncsHandOver) {
        this.journal = journal;
        this.syncsHandOver = syncsHandOver;
    }

    /** Plays the past from the beginning. */
    Replay<T> replay(Codec<T> codec) {
        Replay<T> replay = new Replay<>(codec);
        try (JournalReader frames = journal.read(journal.first())) {
            for (Entry entry = frames.next(); entry != null; entry = frames.next()) {
                switch (entry) {
                    case Frame frame -> replay.play(frame);
                    case Gap gap -> replay.miss(gap.count());
                }
            }
        }
        positions = replay.positions;
        last = journal.next() - 1;
        return replay;
    }

    /** Appends one record with this number. A full disk refuses it. */
    void add(long sequence, byte[] encoded) {
        last = journal.appendNumbered(sequence, encoded, LogEntry.Added.KIND, Durability.WRITTEN);
        positions.note(sequence, last);
    }

    /** Appends records, the first with this number; all or none. A full disk refuses them. */
    void addAll(long first, List<byte[]> encoded) {
        last = journal.appendNumbered(first, encoded, LogEntry.Added.KIND, Durability.WRITTEN);
        positions.note(first, last - encoded.size() + 1);
    }

    /** Counts a failure across restarts, if there is room for that. */
    void failed(ReleasedBatch<T> batch) {
        try {
            last = append(new LogEntry.Failed(batch.id()));
        } catch (ForebayException e) {
            if (!e.mayRetry()) {
                throw e;
            }
            // The disk is full: the batch goes back all the same, and only a restart forgets this.
        }
    }

    /** The loss of records without a number; it makes no room, and a full disk refuses it. */
    void refused(DropReason reason, long count) {
        last = append(new LogEntry.Dropped(0, count, reason));
    }

    private long append(LogEntry entry) {
        return journal.append(entry.payload(), entry.kind(), Durability.WRITTEN);
    }

    /** Writes an entry that lets records go; a full disk has a reserve for it. Its position. */
    long note(LogEntry entry) {
        last = journal.appendFromReserve(entry.payload(), entry.kind(), Durability.WRITTEN);
        noted++;
        return last;
    }

    /** The frame of a record, or one in front of it. */
    long position(long sequence) {
        return positions.of(sequence);
    }

    /** Records in front of {@code sequence} are not asked for again. */
    void forgetBefore(long sequence) {
        positions.forgetBefore(sequence);
    }

    /** The first frame that is needed for records from {@code oldest} on. */
    long live(long oldest, long next) {
        return oldest < next ? positions.of(oldest) : last;
    }

    /** Whether trimming to {@code position} would make room. */
    boolean frees(long position) {
        return journal.frees(position);
    }

    /** The bytes of the reserve when nothing is in it. */
    long reserve() {
        return journal.reserveBytes();
    }

    long noted() {
        return noted;
    }

    /** Whether the reserve has room for these letters and the entries beside them. */
    boolean areLight(List<DeadLetters.Entry<T>> letters) {
        long bytes = 0;
        for (DeadLetters.Entry<T> entry : letters) {
            bytes += entry.bytes() + FRAME * (1 + entry.letter().records().size());
        }
        return bytes <= reserve() / 2;
    }

    /** Writes a letter again at the end of the journal. */
    DeadLetters.Entry<T> carry(DeadLetters.Entry<T> entry, List<byte[]> encoded) {
        DeadLetter<T> letter = entry.letter();
        long first = 0;
        for (int i = 0; i < encoded.size(); i++) {
            long position = note(new LogEntry.CarriedRecord(letter.batch(), i, encoded.get(i)));
            first = i == 0 ? position : first;
        }
        note(new LogEntry.CarriedLetter(letter.batch(), letter.first(), letter.reason()));
        return new DeadLetters.Entry<>(letter, entry.bytes(), first);
    }

    /** The last entry, which a call that appended it waits for with the lock free. */
    long due() {
        return last;
    }

    /** The calling add is about to wait for the sync of this entry. */
    void begin(long position) {
        settlers++;
        settling = Math.max(settling, position);
    }

    /** It has waited, and seen the sync or not. */
    void end(long position, boolean done) {
        settlers--;
        if (done) {
            synced = Math.max(synced, position);
        }
    }

    /**
     * Whether a batch with this entry would be handed out only after a sync that an add is waiting
     * for already.
     */
    boolean isSettling(long position) {
        return syncsHandOver && position > synced && settlers > 0 && settling >= position;
    }
}
