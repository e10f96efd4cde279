package dev.forebay.record;

import dev.forebay.base.Durability;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalException;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.Recovery;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A journal as a log of records. */
class JournalLog implements RecordLog {
    private final Journal journal;

    /** Held while the journal closes. */
    private final ReentrantLock closing = new ReentrantLock();

    private boolean closed;

    JournalLog(Journal journal) {
        this.journal = journal;
    }

    @Override
    public Opened opened() {
        Recovery recovery = journal.recovery();
        return new Opened(
                recovery.scannedBytes(),
                recovery.tail().isPresent(),
                recovery.tail().map(Recovery.Tail::framesBeyond).orElse(0L));
    }

    @Override
    public long note(int kind, byte[] payload) {
        return journal.appendFromReserve(payload, kind, Durability.WRITTEN);
    }

    @Override
    public long append(int kind, List<byte[]> payloads) {
        return payloads.size() == 1
                ? journal.append(payloads.getFirst(), kind, Durability.WRITTEN)
                : journal.append(payloads, kind, Durability.WRITTEN);
    }

    @Override
    public boolean frees(long position) {
        return journal.frees(position);
    }

    @Override
    public long reserve() {
        return journal.reserveBytes();
    }

    @Override
    public void sync(long position) {
        try {
            journal.awaitSynced(position);
        } catch (JournalException e) {
            throwUnlessClosed(e);
        }
    }

    /**
     * Whoever waits while another thread closes the buffer has what it waits for when that is done:
     * a close that goes well syncs everything.
     */
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

    @Override
    public void read(long position, Consumer<RecordLog.Stored> reader, @Nullable Long last) {
        try (JournalReader frames = journal.read(Math.max(position, journal.first()))) {
            Entry entry = frames.next();
            while (entry != null && (last == null || entry.sequence() <= last)) {
                switch (entry) {
                    case Frame frame ->
                            reader.accept(
                                    new RecordLog.Stored(
                                            frame.sequence(),
                                            frame.time(),
                                            frame.flags(),
                                            ByteBuffer.wrap(frame.payload())));
                    case Gap gap ->
                            reader.accept(
                                    new RecordLog.Stored(
                                            gap.sequence(),
                                            Instant.EPOCH,
                                            Note.GAP,
                                            ByteBuffer.wrap(Note.of(gap.count()))));
                }
                entry = frames.next();
            }
        }
    }

    @Override
    public void trim(long position) {
        try {
            journal.trim(position);
        } catch (JournalException e) {
            throwUnlessClosed(e); // The next opening has its own trims.
        }
    }

    @Override
    public void close() {
        closing.lock();
        try {
            journal.close();
            closed = true;
        } finally {
            closing.unlock();
        }
    }
}
