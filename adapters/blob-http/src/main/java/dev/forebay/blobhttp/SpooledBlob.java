package dev.forebay.blobhttp;

import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Md5;
import dev.forebay.blob.MeasuredBlob;
import dev.forebay.blob.PutResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
final class SpooledBlob extends MeasuredBlob {
    private static final int IN_MEMORY = 1 << 20;

    /** What servers take. */
    static final long LARGEST = 256L << 20;

    private final HttpContainer container;
    private final Path temporary;
    private ByteBuffer memory = ByteBuffer.allocate(16 * 1024);
    private @Nullable FileChannel file;

    /** One of at most {@code largest} bytes whose file, if any, is made in {@code temporary}. */
    SpooledBlob(HttpContainer container, BlobName name, Path temporary, long largest) {
        super(name, largest);
        this.container = container;
        this.temporary = temporary;
    }

    @Override
    protected void keep(ByteBuffer piece) {
        try {
            if (file == null && size() + piece.remaining() <= IN_MEMORY) {
                remember(piece);
            } else {
                spool(piece);
            }
        } catch (IOException e) {
            throw fault("keeping it in " + temporary, e);
        }
    }

    private ContainerException fault(String doing, IOException e) {
        return new ContainerException(
                Fault.FAILED, "blob " + name() + ": " + doing + ": " + e.getMessage(), e);
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
            try {
                to = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
            } finally {
                Files.delete(path);
            }
            file = to;
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
    protected PutResult create(Md5 md5, Map<String, String> metadata) {
        return container.put(name(), body(), md5, metadata);
    }

    private ByteBuffer body() {
        FileChannel from = file;
        if (from == null) {
            return memory.duplicate().flip();
        }
        try {
            return from.map(FileChannel.MapMode.READ_ONLY, 0, size());
        } catch (IOException e) {
            throw fault("reading it back", e);
        }
    }

    @Override
    protected void discard() {
        FileChannel open = file;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (IOException e) {
            throw fault("closing its file", e);
        }
    }
}
