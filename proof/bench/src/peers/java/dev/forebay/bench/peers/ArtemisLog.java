package dev.forebay.bench.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;

/**
 * The journal of Artemis on NIO, with files and a timed buffer of its default sizes. Without a
 * sync, a record stays in that buffer for some time: less than {@code WRITTEN}.
 */
final class ArtemisLog implements KeptLog {
    private static final int FILE_BYTES = 10 << 20;
    private static final int FILES = 10;
    private static final int BUFFER_BYTES = 490 << 10;

    /** The default of its broker for a disk that was not measured: 300 syncs a second. */
    static final int DEFAULT_TIMEOUT_NANOS = 3_333_333;

    private final Path directory;
    private final int timeoutNanos;
    private final boolean synced;
    private final AtomicLong id = new AtomicLong();
    private JournalImpl journal;

    ArtemisLog(Path directory, int timeoutNanos, boolean synced) throws Exception {
        this.directory = directory;
        this.timeoutNanos = timeoutNanos;
        this.synced = synced;
        journal = start();
        journal.load(new ArrayList<>(), new ArrayList<>(), null, false);
    }

    private JournalImpl start() {
        NIOSequentialFileFactory files =
                new NIOSequentialFileFactory(
                        directory.toFile(), true, BUFFER_BYTES, timeoutNanos, 1, false);
        JournalImpl opened =
                new JournalImpl(FILE_BYTES, FILES, FILES, 0, 0, files, "log", "dat", 1);
        opened.start();
        return opened;
    }

    @Override
    public void append(byte[] record) throws Exception {
        journal.appendAddRecord(id.incrementAndGet(), (byte) 0, record, synced);
    }

    @Override
    public void settle() throws Exception {
        journal.flush();
    }

    @Override
    public void readBack(Consumer<byte[]> each) throws Exception {
        journal.stop();
        journal = start();
        List<RecordInfo> found = new ArrayList<>();
        journal.load(found, new ArrayList<>(), null, false);
        found.sort(Comparator.comparingLong(info -> info.id));
        found.forEach(info -> each.accept(info.data));
    }

    @Override
    public void close() {
        journal.stop();
    }
}
