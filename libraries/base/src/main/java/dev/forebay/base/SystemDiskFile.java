package dev.forebay.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A {@link FileChannel} with its path, by which faults are named and blocks are reserved: a file
 * that gets another name while open, and leaves its own to a third, must not be allocated in.
 */
final class SystemDiskFile implements DiskFile {
    private static final int ZEROS = 1 << 16;

    private final Path path;
    private final FileChannel channel;

    SystemDiskFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return channel.read(target, position);
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        try {
            return channel.write(source, position);
        } catch (IOException e) {
            throw SystemDisk.noSpace(path, e);
        }
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        return channel.transferTo(position, count, target);
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void allocate(long offset, long length) throws IOException {
        if (allocated(offset, length)) {
            return;
        }
        // A file system without fallocate: writing zeros past the end reserves the blocks just as
        // well.
        for (long at = Math.max(offset, size()); at < offset + length; ) {
            int count = (int) Math.min(ZEROS, offset + length - at);
            writeFully(ByteBuffer.allocate(count), at);
            at += count;
        }
    }

    /** Whether the system reserved the blocks; it is asked by the name, which may be gone. */
    private boolean allocated(long offset, long length) throws IOException {
        try {
            return SystemCalls.available() && SystemCalls.allocate(path, offset, length);
        } catch (NoSuchFileException e) {
            return false; // Writing zeros needs no name.
        }
    }

    @Override
    public void sync() throws IOException {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw SystemDisk.noSpace(path, e);
        }
    }

    @Override
    public DiskMapping map(long offset, long length) throws IOException {
        if (offset < 0 || length < 1 || offset + length > size()) {
            throw new IllegalArgumentException(
                    "cannot map "
                            + length
                            + " bytes from "
                            + offset
                            + " of "
                            + path
                            + ", which has "
                            + size());
        }
        return new SystemDiskMapping(channel, offset, length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
