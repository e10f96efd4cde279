package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A blob opened for reading. The bytes are those that were stored or sent, <em>not yet checked</em>
 * against {@link BlobInfo#md5}: who releases them checks first. For one thread; to be closed.
 *
 * <p>Faults are {@link ContainerException}s.
 */
public interface OpenBlob extends AutoCloseable {
    BlobInfo info();

    /** Sends the whole body to {@code target} without holding it in memory. Blocks. */
    void transferTo(WritableByteChannel target);

    /**
     * Reads the whole body into {@code target}, which must have room for {@link BlobInfo#size}
     * bytes. Blocks. A body that ends early or runs on is a {@link ContainerException} of {@link
     * ContainerException.Fault#BROKEN_BODY}.
     */
    void readInto(ByteBuffer target);

    @Override
    void close();
}
