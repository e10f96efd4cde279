package dev.forebay.blob;

import dev.forebay.blob.ContainerException.Fault;
import java.nio.ByteBuffer;
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
    private final BodyDigest digest = BodyDigest.begin();
    private long size;

    /**
     * One of at most {@code largest} bytes.
     *
     * @param name of the blob
     * @param largest bytes of a body
     */
    protected MeasuredBlob(BlobName name, long largest) {
        this.name = name;
        this.largest = largest;
    }

    /** {@return the name it is to get} */
    protected final BlobName name() {
        return name;
    }

    /** {@return bytes taken so far} */
    protected final long size() {
        return size;
    }

    /**
     * Keeps all remaining bytes of {@code piece}, of which {@link #size} came before.
     *
     * @param piece its remaining bytes are part of the body
     */
    protected abstract void keep(ByteBuffer piece);

    /**
     * All bytes came, their digest was announced, and it is needed next. What blocks here does not
     * lose time: bodies that come meanwhile are digested together with this one. Not called where
     * no digest was announced.
     *
     * @param announced the MD5 of the body, unless it changed on its way: then nothing is created
     * @param metadata kept along with the body
     */
    protected void arrived(Md5 announced, Map<String, String> metadata) {}

    /**
     * Creates the blob if its name is free; its digest is right.
     *
     * @param md5 of the whole body
     * @param metadata kept along with the body
     * @return whether the blob came into being
     */
    protected abstract PutResult create(Md5 md5, Map<String, String> metadata);

    /** Lets go of what the bytes were kept in, unless it was created. */
    protected abstract void discard();

    @Override
    public final void write(ByteBuffer piece) {
        lend(piece);
        settle();
    }

    @Override
    public final void lend(ByteBuffer piece) {
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
        digest.add(piece);
        keep(piece);
        size += length;
    }

    @Override
    public final void settle() {
        digest.settle();
    }

    @Override
    public final PutResult commit(@Nullable Md5 expected, Map<String, String> metadata) {
        if (expected != null) {
            arrived(expected, metadata);
        }
        Md5 actual = digest.finish();
        return expected != null && !expected.equals(actual)
                ? new PutResult.DigestMismatch(expected, actual)
                : create(actual, metadata);
    }

    @Override
    public final void close() {
        try {
            digest.drop();
        } finally {
            discard();
        }
    }
}
