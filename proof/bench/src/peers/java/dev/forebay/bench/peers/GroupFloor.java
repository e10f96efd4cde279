package dev.forebay.bench.peers;

import dev.forebay.bench.journal.FloorLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The floor of many threads: a group commit of sixty lines. */
final class GroupFloor implements KeptLog {
    private final Path path;
    private final FloorLog log;

    GroupFloor(Path directory, long syncNanos) throws IOException {
        path = directory.resolve("floor");
        log = new FloorLog(path, syncNanos);
    }

    @Override
    public void append(byte[] record) throws IOException {
        log.append(record);
    }

    @Override
    public void readBack(Consumer<byte[]> each) throws IOException {
        PlainFile.read(path, each);
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
