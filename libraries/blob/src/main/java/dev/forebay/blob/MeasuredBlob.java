package dev.forebay.blob;

import dev.forebay.blob.ContainerException.Fault;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A staged blob that measures what it is fed: a body that is too large is refused while it comes,
 * one whose MD5 is not the announced one before anything is created. Where the bytes lie meanwhile
 * is for those who extend it. For one thread.
 */
public abstract class MeasuredBlob implements StagedBlob {
    private final BlobName name;
    private final long largest;
    private final MessageDigest digest = Md5.newDigest();
    private long size;

    /** One of at most {@code largest} bytes. */
    protected MeasuredBlob(BlobName name, long largest) {
        this.name = name;
        this.largest = largest;
    }

    /** The name it is to get. */
    protected final BlobName name() {
        return name;
    }

    /** Bytes taken so far. */
    protected final long size() {
        return size;
    }

    /** Keeps all remaining bytes of {@code piece}, of which {@link #size} came before. */
    protected abstract void keep(ByteBuffer piece);

    /** Creates the blob if its name is free; its digest is right. */
    protected abstract PutResult create(Md5 md5, Map<String, String> metadata);

    @Override
    public final void write(ByteBuffer piece) {
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
        keep(piece);
        size += length;
    }

    @Override
    public final PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
        Md5 actual = Md5.finish(digest);
        return expected != null && !expected.equals(actual)
                ? new PutResult.DigestMismatch(expected, actual)
                : create(actual, metadata);
    }
}
