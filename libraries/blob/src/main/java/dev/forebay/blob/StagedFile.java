package dev.forebay.blob;

import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.blob.ContainerException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A blob on its way into a {@link DirectoryContainer}: written aside, synced, then given its name
 * by the container. For one thread.
 */
final class StagedFile implements StagedBlob {
    private final DirectoryContainer container;
    private final BlobName name;
    private final Path path;
    private final DiskFile file;
    private final long largest;
    private final MessageDigest digest = Md5.newDigest();
    private long size;
    private boolean closed;

    StagedFile(
            DirectoryContainer container, BlobName name, Path path, DiskFile file, long largest) {
        this.container = container;
        this.name = name;
        this.path = path;
        this.file = file;
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
            file.writeFully(piece, size);
        } catch (IOException e) {
            throw container.fault("writing blob " + name, e);
        }
        size += length;
    }

    @Override
    public PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
        Md5 actual = Md5.finish(digest);
        if (expected != null && !expected.equals(actual)) {
            return new PutResult.DigestMismatch(expected, actual);
        }
        Instant created = container.now();
        BlobInfo info = new BlobInfo(name, size, actual, metadata, created);
        try {
            file.writeFully(BlobFile.tail(size, actual, info.metadata(), created), size);
            file.sync();
            container.checkTakesPuts();
            return container.settle(name, path)
                    ? new PutResult.Created(info, Durability.SYNCED)
                    : new PutResult.Exists(Durability.SYNCED);
        } catch (IOException e) {
            container.checkNotPoisoned();
            throw container.fault("putting blob " + name, e);
        }
    }

    /**
     * The staged name goes whether the blob came to be or not; a crash leaves it to the next
     * opening.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            file.close();
            container.discard(path);
        } catch (IOException e) {
            throw container.fault("removing the staged file of blob " + name, e);
        }
    }
}
