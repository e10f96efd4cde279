package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalException;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.Recovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a buffer, written into its journal.
 *
 * <p><b>The rule of syncs.</b> A call that takes records in, commits them or lets them go in
 * another way returns when its entry is as durable as the buffer. A failure of a batch is not
 * waited for: a power cut may take such counts back. A release is written at once, in front of
 * whatever the same call waits for.
 *
 * <p>Entries are appended with the buffer's lock held, which copies them and waits for no sync;
 * syncs, reads and trims run with that lock free. Methods are called with it held except where they
 * say otherwise.
 */
final class EntryLog<T> {
    /** What a frame adds to a record, at most, in bytes. */
    private static final long FRAME = 56;

    private final Journal journal;
    private final Codec<T> codec;
    private final Durability durability;
    private final Durability handOver;
    private final Clock clock;
    private final Announcer announcer;
    private final WaitHistogram waits = new WaitHistogram();
    private FramePositions positions = new FramePositions();
    private long last;
    private long noted;

    /** The last entry that a call of this buffer has seen synced. */
    private long synced;

    /** Calls that are waiting for a sync of their entries, and the last of those entries. */
    private int settlers;

    private long settling;

    /** Held while the journal closes. */
    private final ReentrantLock closing = new ReentrantLock();

    @GuardedBy("closing")
    private boolean closed;

    EntryLog(Journal journal, Codec<T> codec, RecordBufferBuilder<T> with, Announcer announcer) {
        this.journal = journal;
        this.codec = codec;
        this.announcer = announcer;
        durability = with.durability;
        handOver = with.handOver();
        clock = with.clock;
    }

    /** Plays the past from the beginning. */
    Replay<T> replay() {
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

    Recovery recovery() {
        return journal.recovery();
    }

    /** Whether calls wait for the sync of their entries. */
    boolean syncs() {
        return durability == Durability.SYNCED;
    }

    SyncTimes syncTimes() {
        return waits.times();
    }

    /** Appends one record with this number. A full disk refuses it. */
    void add(long sequence, byte[] encoded) {
        last = append(new LogEntry.Added(sequence, encoded));
        positions.note(sequence, last);
    }

    /** Appends records, the first with this number; all or none. A full disk refuses them. */
    void addAll(long first, List<byte[]> encoded) {
        int count = encoded.size();
        List<byte[]> payloads = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            payloads.add(new LogEntry.Added(first + i, encoded.get(i)).payload());
        }
        last = journal.append(payloads, LogEntry.Added.KIND, Durability.WRITTEN);
        positions.note(first, last - count + 1);
    }

    /** Counts a failure across restarts, if there is room for that. */
    void failed(Batch<T> batch) {
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

    /** How many entries went to the reserve or might have. */
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

    /** The encoded records of a letter. The lock is free. */
    List<byte[]> encode(DeadLetter<T> letter) {
        return letter.records().stream().map(codec::encode).toList();
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

    /** The entry that a call waits for with {@link #settle}, once the lock is free. */
    long due() {
        return last;
    }

    /** The calling thread is about to {@link #settle} this entry. */
    void begin(long position) {
        settlers++;
        settling = Math.max(settling, position);
    }

    /** The calling thread has done so, or failed. */
    void end(long position, boolean done) {
        settlers--;
        if (done) {
            synced = Math.max(synced, position);
        }
    }

    /**
     * Whether a batch with this entry would be handed out only after a sync that another call is
     * waiting for already.
     */
    boolean isSettling(long position) {
        return handOver == Durability.SYNCED
                && position > synced
                && settlers > 0
                && settling >= position;
    }

    /** Blocks until the entry is as durable as the buffer. The lock is free. */
    void settle(long position) {
        if (durability == Durability.SYNCED) {
            sync(position);
        }
    }

    /** Blocks until a batch with this entry may be handed out. The lock is free. */
    void settleHandOver(long position) {
        if (handOver == Durability.SYNCED) {
            sync(position);
        }
    }

    /** Blocks until the entry survives a power cut. The lock is free. */
    void sync(long position) {
        long before = clock.nanos();
        try {
            journal.awaitSynced(position);
        } catch (JournalException e) {
            throwUnlessClosed(e);
        }
        long nanos = clock.nanos() - before;
        waits.note(nanos);
        if (announcer.telling) {
            announcer.tell(listener -> listener.synced(Duration.ofNanos(nanos)));
        }
    }

    /** Lets the frames in front of {@code position} go. The lock is free. */
    void trim(long position) {
        try {
            journal.trim(position);
        } catch (JournalException e) {
            throwUnlessClosed(e); // The next opening has its own trims.
        }
    }

    /** A wait that a close overtakes has what it waits for: a close that goes well syncs all. */
    private void throwUnlessClosed(JournalException e) {
        closing.lock();
        try {
            if (e.fault() != JournalException.Fault.CLOSED || !closed) {
                throw e;
            }
        } finally {
            closing.unlock();
        }
    }

    /** Reads the records of a spilled batch from frame {@code from} on. The lock is free. */
    List<T> read(Batch<T> batch, long from) {
        List<T> records = new ArrayList<>(batch.size());
        try (JournalReader frames = journal.read(Math.max(from, journal.first()))) {
            @Nullable Entry entry = frames.next();
            while (entry != null && entry.sequence() <= batch.noted()) {
                if (entry instanceof Frame frame
                        && LogEntry.decode(frame.flags(), frame.payload(), frame.sequence())
                                instanceof LogEntry.Added(long sequence, byte[] encoded)
                        && sequence >= batch.first()
                        && sequence <= batch.last()) {
                    records.add(codec.decode(encoded));
                }
                entry = frames.next();
            }
        }
        return records;
    }

    /** Syncs what is not yet synced and lets the directory go. The lock is free. */
    void close() {
        closing.lock();
        try {
            journal.close();
            closed = true;
        } finally {
            closing.unlock();
        }
    }
}
