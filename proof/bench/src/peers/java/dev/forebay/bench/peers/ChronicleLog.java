package dev.forebay.bench.peers;

import java.nio.file.Path;
import java.util.function.Consumer;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/**
 * Chronicle Queue: one excerpt per record, one appender per thread, {@code msync} after each if
 * synced.
 */
final class ChronicleLog implements KeptLog {
    private final ChronicleQueue queue;
    private final ThreadLocal<ExcerptAppender> appender;
    private final boolean synced;

    ChronicleLog(Path directory, boolean synced) {
        queue =
                SingleChronicleQueueBuilder.binary(directory)
                        .syncMode(synced ? SyncMode.SYNC : SyncMode.NONE)
                        .build();
        appender = ThreadLocal.withInitial(queue::createAppender);
        this.synced = synced;
    }

    @Override
    public void append(byte[] record) {
        ExcerptAppender mine = appender.get();
        try (DocumentContext excerpt = mine.writingDocument()) {
            Bytes<?> bytes = excerpt.wire().bytes();
            bytes.write(record);
        }
        if (synced) {
            mine.sync();
        }
    }

    @Override
    public void readBack(Consumer<byte[]> each) {
        try (ExcerptTailer tailer = queue.createTailer()) {
            while (true) {
                try (DocumentContext excerpt = tailer.readingDocument()) {
                    if (!excerpt.isPresent()) {
                        return;
                    }
                    byte[] record = new byte[(int) excerpt.wire().bytes().readRemaining()];
                    excerpt.wire().bytes().read(record);
                    each.accept(record);
                }
            }
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
