package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
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
 * Everything that a buffer asks of its journal with the buffer's lock free, since it waits for the
 * disk or runs the codec: syncs, reads, trims and the end.
 *
 * <p><b>The rule of syncs.</b> A call that takes records in, commits them or lets them go in
 * another way returns when its entry is as durable as the buffer, a commit as durable as was asked
 * for commits. A failure of a batch is not waited for: a power cut may take such counts back.
 *
 * <p>Safe for use by many threads.
 */
final class JournalAccess<T> {
    private final Journal journal;
    private final Codec<T> codec;
    private final Durability durability;
    private final Durability handOver;
    private final Clock clock;
    private final Announcer announcer;
    private final WaitHistogram waits = new WaitHistogram();

    /** Held while the journal closes. */
    private final ReentrantLock closing = new ReentrantLock();

    @GuardedBy("closing")
    private boolean closed;

    JournalAccess(
            Journal journal, Codec<T> codec, RecordBufferBuilder<T> with, Announcer announcer) {
        this.journal = journal;
        this.codec = codec;
        this.announcer = announcer;
        durability = with.durability;
        handOver = with.handOver();
        clock = with.clock;
    }

    /** Whether calls wait for the sync of their entries. */
    boolean syncs() {
        return durability == Durability.SYNCED;
    }

    Recovery recovery() {
        return journal.recovery();
    }

    SyncTimes syncTimes() {
        return waits.times();
    }

    /** The encoded records of a letter. */
    List<byte[]> encode(DeadLetter<T> letter) {
        return letter.records().stream().map(codec::encode).toList();
    }

    /** Blocks until the entry is as durable as the buffer. */
    void settle(long position) {
        if (durability == Durability.SYNCED) {
            sync(position);
        }
    }

    /** Blocks until a batch with this entry may be handed out. */
    void settleHandOver(long position) {
        if (handOver == Durability.SYNCED) {
            sync(position);
        }
    }

    /** Blocks until the entry survives a power cut. */
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

    /**
     * Lets the frames in front of {@code position} go, once those up to {@code last} are synced.
     */
    void trim(long position, long last) {
        try {
            journal.trim(position, last);
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

    /** Reads the records of a spilled batch from frame {@code from} on. */
    List<T> read(ReleasedBatch<T> batch, long from) {
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

    /** Syncs what is not yet synced and lets the directory go. */
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
