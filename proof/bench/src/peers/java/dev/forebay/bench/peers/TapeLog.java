package dev.forebay.bench.peers;

import com.squareup.tape2.QueueFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Tape's queue file, which has one level: each add is two synced writes. It is not thread-safe, so
 * a lock goes around it.
 */
final class TapeLog implements KeptLog {
    private final QueueFile queue;

    TapeLog(Path directory) throws IOException {
        queue = new QueueFile.Builder(directory.resolve("tape").toFile()).build();
    }

    @Override
    public synchronized void append(byte[] record) throws IOException {
        queue.add(record);
    }

    @Override
    public synchronized void readBack(Consumer<byte[]> each) {
        queue.forEach(each);
    }

    @Override
    public synchronized void close() throws IOException {
        queue.close();
    }
}
