package dev.forebay.testkit;

import dev.forebay.base.DiskMapping;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A mapping of a {@link SimulatedFile}; each store is a call of its own, after which the power may
 * be cut.
 */
final class SimulatedMapping implements DiskMapping {
    private final SimulatedDisk disk;
    private final Path path;
    private final SimulatedInode inode;
    private final long offset;
    private final long length;
    private volatile boolean closed;

    SimulatedMapping(
            SimulatedDisk disk, Path path, SimulatedInode inode, long offset, long length) {
        this.disk = disk;
        this.path = path;
        this.inode = inode;
        this.offset = offset;
        this.length = length;
    }

    @Override
    public long size() {
        return length;
    }

    private void check(long at, long count) {
        if (closed) {
            throw new IllegalStateException("the mapping of " + path + " is closed");
        }
        Objects.checkFromIndexSize(at, count, length);
    }

    private void store(long at, ByteBuffer bytes) {
        check(at, bytes.remaining());
        try {
            disk.call(
                    Kind.STORE,
                    path,
                    offset + at,
                    bytes.remaining(),
                    any -> {
                        inode.write(bytes, offset + at);
                        return inode;
                    });
        } catch (IOException e) {
            // A real store cannot fail with an exception; a schedule that makes one fail is a
            // mistake of the test.
            throw new UncheckedIOException(e);
        }
    }

    private ByteBuffer load(long at, int count) {
        check(at, count);
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        try {
            disk.call(Kind.READ, path, offset + at, count, any -> inode.read(bytes, offset + at));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.flip();
    }

    @Override
    public void put(long at, byte[] source, int from, int count) {
        store(at, ByteBuffer.wrap(source, from, count));
    }

    @Override
    public void putInt(long at, int value) {
        store(
                at,
                ByteBuffer.allocate(Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(value)
                        .flip());
    }

    @Override
    public void putLong(long at, long value) {
        store(
                at,
                ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .flip());
    }

    @Override
    public void get(long at, byte[] target, int from, int count) {
        load(at, count).get(target, from, count);
    }

    @Override
    public int getInt(long at) {
        return load(at, Integer.BYTES).getInt();
    }

    @Override
    public long getLong(long at) {
        return load(at, Long.BYTES).getLong();
    }

    @Override
    public void warm(long at, long count, boolean forStores) throws IOException {
        check(at, count);
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(count));
        disk.call(Kind.READ, path, offset + at, count, any -> inode.read(bytes, offset + at));
    }

    @Override
    public void force(long at, long count) throws IOException {
        check(at, count);
        disk.call(
                Kind.FORCE,
                path,
                offset + at,
                count,
                any -> {
                    inode.force(offset + at, count);
                    return inode;
                },
                inode::forgetUnsynced);
    }

    @Override
    public void close() {
        closed = true;
    }
}
