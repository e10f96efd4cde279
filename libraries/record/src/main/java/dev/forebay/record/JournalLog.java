package dev.forebay.record;

import dev.forebay.base.Durability;
import dev.forebay.journal.Entry;
import dev.forebay.journal.Frame;
import dev.forebay.journal.Gap;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalReader;
import dev.forebay.journal.Recovery;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A journal as a log of records. */
class JournalLog implements RecordLog {
    private final Journal journal;

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
    public long append(int kind, byte[] payload) {
        return journal.append(payload, kind, Durability.WRITTEN);
    }

    @Override
    public long appendAll(int kind, List<byte[]> payloads) {
        return journal.append(payloads, kind, Durability.WRITTEN);
    }

    @Override
    public void sync(long position) {
        journal.awaitSynced(position);
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
        journal.trim(position);
    }

    @Override
    public void close() {
        journal.close();
    }
}
