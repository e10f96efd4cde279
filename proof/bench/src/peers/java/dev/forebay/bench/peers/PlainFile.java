package dev.forebay.bench.peers;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The floor of one thread: length, CRC32C and payload in one write call, then a sync if chosen. Not
 * safe for use by several threads.
 */
final class PlainFile implements KeptLog {
    private static final int HEADER = 8;

    private final FileChannel file;
    private final Path path;
    private final boolean synced;
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(1 << 16);
    private final CRC32C crc = new CRC32C();
    private long end;

    /**
     * @param ready bytes whose blocks are there before the first append
     */
    PlainFile(Path directory, boolean synced, int ready) throws IOException {
        path = directory.resolve("plain");
        file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        this.synced = synced;
        if (ready > 0) {
            file.write(ByteBuffer.allocate(ready), 0);
            file.force(true);
        }
    }

    @Override
    public void append(byte[] record) throws IOException {
        scratch.clear();
        add(record);
        write();
    }

    @Override
    public void append(List<byte[]> records) throws IOException {
        scratch.clear();
        records.forEach(this::add);
        write();
    }

    private void add(byte[] record) {
        crc.reset();
        crc.update(record);
        scratch.putInt(record.length).putInt((int) crc.getValue()).put(record);
    }

    private void write() throws IOException {
        scratch.flip();
        while (scratch.hasRemaining()) {
            end += file.write(scratch, end);
        }
        if (synced) {
            file.force(false);
        }
    }

    @Override
    public void readBack(Consumer<byte[]> each) throws IOException {
        read(path, each);
    }

    /** Reads such a file up to its end or to a length of zero. */
    static void read(Path path, Consumer<byte[]> each) throws IOException {
        CRC32C crc = new CRC32C();
        long left = Files.size(path);
        try (DataInputStream in =
                new DataInputStream(
                        new java.io.BufferedInputStream(Files.newInputStream(path), 1 << 20))) {
            while (left >= HEADER) {
                int length = in.readInt();
                if (length == 0) {
                    return;
                }
                int wanted = in.readInt();
                byte[] payload = in.readNBytes(length);
                crc.reset();
                crc.update(payload);
                if ((int) crc.getValue() != wanted) {
                    throw new IllegalStateException("the floor reads back a wrong CRC");
                }
                each.accept(payload);
                left -= HEADER + length;
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
