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

    /** Where the bytes of a body go. */
    @FunctionalInterface
    interface Room {
        /**
         * A buffer with at least one byte of room. Asked for when there is a byte to put and the
         * buffer given before is full.
         */
        ByteBuffer next();
    }

    /**
     * Reads the whole body into the buffers of {@code room}, one after the other. Blocks. A body
     * that ends early or runs on is a {@link ContainerException} of {@link
     * ContainerException.Fault#BROKEN_BODY}. What {@code room} throws ends the call. No buffer is
     * in use after this returns or throws.
     */
    void readInto(Room room);

    /** The same with one buffer, which has room for {@link BlobInfo#size} bytes. */
    default void readInto(ByteBuffer target) {
        readInto(() -> target);
    }

    /**
     * Reads {@code count} bytes of the body, from byte {@code from} on, as {@link #readInto(Room)}
     * does the whole; both must be within it. A body that comes from elsewhere is read whole.
     */
    default void readInto(long from, long count, Room room) {
        PartOfBody part = new PartOfBody(from, count, room);
        readInto(part);
        part.passOn();
    }

    @Override
    void close();
}
