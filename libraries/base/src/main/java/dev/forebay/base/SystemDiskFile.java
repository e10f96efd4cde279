package dev.forebay.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.Future;

/**
 * An open file of the machine.
 *
 * <p>A {@link FileChannel} closes its file when its thread is interrupted, and a file opened again
 * in its place can miss an error of writing back. So the file is an {@link AsynchronousFileChannel}
 * whose calls run on the calling thread ({@link CallerRuns}): those know no interrupt. That class
 * can neither map nor reserve blocks; both are done through a second opening of the path, once that
 * is seen to be the same file still. Nothing is written through the second opening but zeros.
 */
final class SystemDiskFile implements DiskFile {
    private static final int PIECE = 1 << 16;
    private static final Set<OpenOption> MAPPED =
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);

    private final Path path;
    private final AsynchronousFileChannel channel;
    private final FileIdentity identity;

    SystemDiskFile(Path path, AsynchronousFileChannel channel, FileIdentity identity) {
        this.path = path;
        this.channel = channel;
        this.identity = identity;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        return done(channel.read(target, position));
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
        try {
            return done(channel.write(source, position));
        } catch (IOException e) {
            throw SystemDisk.noSpace(path, e);
        }
    }

    /** The result of a call that {@link CallerRuns} has already ended. */
    private static int done(Future<Integer> call) throws IOException {
        return switch (call.state()) {
            case SUCCESS -> call.resultNow();
            case FAILED -> throw asThrown(call.exceptionNow());
            case RUNNING, CANCELLED -> throw new AssertionError("a file call did not end");
        };
    }

    /** The exception that a call on another thread ended with, to be thrown on this one. */
    static IOException asThrown(Throwable fault) {
        return switch (fault) {
            case IOException e -> e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new AssertionError("a file call threw a checked exception", fault);
        };
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
            throws IOException {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(count, PIECE));
        long sent = 0;
        while (sent < count) {
            piece.clear().limit((int) Math.min(piece.capacity(), count - sent));
            if (read(piece, position + sent) < 0) {
                break;
            }
            piece.flip();
            sent += target.write(piece);
            if (piece.hasRemaining()) {
                break;
            }
        }
        return sent;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
        UninterruptedThreads.runLong(() -> channel.truncate(size));
    }

    @Override
    public void allocate(long offset, long length) throws IOException {
        if (UninterruptedThreads.callLong(() -> allocated(offset, length))) {
            return;
        }
        // A file system without fallocate: writing zeros past the end reserves the blocks just as
        // well.
        for (long at = Math.max(offset, size()); at < offset + length; ) {
            int count = (int) Math.min(PIECE, offset + length - at);
            writeFully(ByteBuffer.allocate(count), at);
            at += count;
        }
    }

    /** True if the system reserved the blocks, which is asked of it by the name. */
    private boolean allocated(long offset, long length) throws IOException {
        try {
            return SystemCalls.available()
                    && identity.equals(FileIdentity.of(path))
                    && SystemCalls.allocate(path, offset, length);
        } catch (NoSuchFileException e) {
            return false; // Writing zeros needs no name.
        }
    }

    @Override
    public void sync() throws IOException {
        try {
            UninterruptedThreads.runLong(() -> channel.force(false));
        } catch (IOException e) {
            throw SystemDisk.noSpace(path, e);
        }
    }

    @Override
    public DiskMapping map(long offset, long length) throws IOException {
        if (offset < 0 || length < 1 || offset + length > size()) {
            throw new IllegalArgumentException(
                    "cannot map %d bytes from %d of %s, which has %d"
                            .formatted(length, offset, path, size()));
        }
        return UninterruptedThreads.callBrief(() -> {
            try (FileChannel second = FileChannel.open(path, MAPPED)) {
                if (!identity.equals(FileIdentity.of(path))) {
                    throw new IOException(
                            "cannot map %s: another file has this name now".formatted(path));
                }
                return new SystemDiskMapping(second, offset, length);
            }
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
