package dev.forebay.blobhttp;

import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.StagedBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A blob kept until it is committed, since its digest and metadata travel before its body.
 *
 * <p><b>Guarantee.</b> It takes 1 MiB of memory whatever its size; what is more lies in a nameless
 * temporary file that goes with this object or the process, and is sent from a mapping of it.
 *
 * <p><b>Limit.</b> A larger one than allowed is refused before it is sent. For one thread; blocks
 * on the file.
 */
final class SpooledBlob implements StagedBlob {
    private static final int IN_MEMORY = 1 << 20;

    /** What servers take. */
    static final long LARGEST = 256L << 20;

    private final HttpContainer container;
    private final BlobName name;
    private final Path temporary;
    private final long largest;
    private final MessageDigest digest = Md5.newDigest();
    private ByteBuffer memory = ByteBuffer.allocate(16 * 1024);
    private @Nullable FileChannel file;
    private long size;

    /** One of at most {@code largest} bytes whose file, if any, is made in {@code temporary}. */
    SpooledBlob(HttpContainer container, BlobName name, Path temporary, long largest) {
        this.container = container;
        this.name = name;
        this.temporary = temporary;
        this.largest = largest;
    }

    @Override
    public void write(ByteBuffer piece) {
        int length = piece.remaining();
        if (length > largest - size) {
            throw new ContainerException(
                    Fault.BAD_REQUEST,
                    "blob "
                            + name
                            + " has "
                            + (size + length)
                            + " bytes or more, at most "
                            + largest
                            + " are taken; use a smaller block size");
        }
        digest.update(piece.duplicate());
        try {
            if (file == null && size + length <= IN_MEMORY) {
                remember(piece);
            } else {
                spool(piece);
            }
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.FAILED,
                    "keeping blob " + name + " in " + temporary + ": " + e.getMessage(),
                    e);
        }
        size += length;
    }

    private void remember(ByteBuffer piece) {
        int needed = memory.position() + piece.remaining();
        if (needed > memory.capacity()) {
            int capacity = Math.min(IN_MEMORY, Math.max(needed, 2 * memory.capacity()));
            memory = ByteBuffer.allocate(capacity).put(memory.flip());
        }
        memory.put(piece);
    }

    private void spool(ByteBuffer piece) throws IOException {
        FileChannel to = file;
        if (to == null) {
            Path path = Files.createTempFile(temporary, "forebay-", ".blob");
            to = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            file = to;
            Files.delete(path);
            writeFully(to, memory.flip());
            memory = ByteBuffer.allocate(0);
        }
        writeFully(to, piece);
    }

    private static void writeFully(FileChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    @Override
    public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
        Md5 actual = Md5.finish(digest);
        if (expected != null && !expected.equals(actual)) {
            return new PutResult.DigestMismatch(expected, actual);
        }
        return container.put(name, body(), actual, metadata);
    }

    private ByteBuffer body() {
        FileChannel from = file;
        if (from == null) {
            return memory.duplicate().flip();
        }
        try {
            return from.map(FileChannel.MapMode.READ_ONLY, 0, size);
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.FAILED, "reading blob " + name + " back: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        FileChannel open = file;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (IOException e) {
            throw new ContainerException(
                    Fault.FAILED, "closing blob " + name + ": " + e.getMessage(), e);
        }
    }
}
