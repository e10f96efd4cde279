package dev.forebay.testkit;

import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.time.Instant;

/**
 * An open file of a {@link SimulatedDisk}; the inode lives on without a name, as long as it is
 * open.
 */
final class SimulatedFile implements DiskFile {
    private static final int PIECE = 1 << 16;

    private final SimulatedDisk disk;
    private final Path path;
    private final SimulatedInode inode;
    private final boolean writable;
    private volatile boolean closed;

    SimulatedFile(SimulatedDisk disk, Path path, SimulatedInode inode, boolean writable) {
        this.disk = disk;
        this.path = path;
        this.inode = inode;
        this.writable = writable;
    }

    private void checkOpen() throws ClosedChannelException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private void checkWritable() throws ClosedChannelException {
        checkOpen();
        if (!writable) {
            throw new NonWritableChannelException();
        }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        checkOpen();
        return disk.call(
                Kind.READ, path, position, target.remaining(), any -> inode.read(target, position));
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        checkWritable();
        return disk.call(
                Kind.WRITE,
                path,
                position,
                source.remaining(),
                allowed -> {
                    ByteBuffer part = source.slice(source.position(), (int) allowed);
                    inode.write(part, position);
                    inode.modified = Instant.now();
                    source.position(source.position() + (int) allowed);
                    return (int) allowed;
                });
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(count, PIECE));
        if (read(piece, position) < 0) {
            return 0;
        }
        return target.write(piece.flip());
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        return disk.call(Kind.STAT, path, 0, 0, any -> inode.size());
    }

    @Override
    public void truncate(long size) throws IOException {
        checkWritable();
        disk.call(
                Kind.TRUNCATE,
                path,
                size,
                0,
                any -> {
                    inode.truncate(size);
                    return inode;
                });
    }

    @Override
    public void allocate(long offset, long length) throws IOException {
        checkWritable();
        disk.call(
                Kind.ALLOCATE,
                path,
                offset,
                length,
                any -> {
                    inode.grow(offset + length);
                    return inode;
                });
    }

    @Override
    public void sync() throws IOException {
        checkOpen();
        disk.call(
                Kind.SYNC,
                path,
                0,
                0,
                any -> {
                    inode.sync();
                    return inode;
                },
                inode::forgetUnsynced);
    }

    @Override
    public DiskMapping map(long offset, long length) throws IOException {
        checkWritable();
        return disk.call(
                Kind.MAP,
                path,
                offset,
                length,
                any -> {
                    if (offset < 0 || length < 1 || offset + length > inode.size()) {
                        throw new IllegalArgumentException(
                                "cannot map "
                                        + length
                                        + " bytes from "
                                        + offset
                                        + " of "
                                        + path
                                        + ", which has "
                                        + inode.size());
                    }
                    return new SimulatedMapping(disk, path, inode, offset, length);
                });
    }

    @Override
    public void close() {
        closed = true;
    }
}
