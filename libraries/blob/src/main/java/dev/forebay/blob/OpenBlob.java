package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Optional;

/**
 * A blob opened for reading. The bytes are those that were stored or sent, <em>not yet checked</em>
 * against {@link BlobInfo#md5}: who releases them checks first. For one thread; to be closed.
 *
 * <p>Faults are {@link ContainerException}s.
 */
public interface OpenBlob extends AutoCloseable {
    /**
     * What is known of it besides its body.
     *
     * @return name, size, digest and metadata
     */
    BlobInfo info();

    /**
     * How long the other side held the request until the blob was there.
     *
     * @return empty if it does not say
     */
    default Optional<Duration> held() {
        return Optional.empty();
    }

    /**
     * Sends the whole body to {@code target} without holding it in memory. Blocks.
     *
     * @param target takes it, and may block
     */
    void transferTo(WritableByteChannel target);

    /** Where the bytes of a body go. */
    @FunctionalInterface
    interface Room {
        /**
         * A buffer with at least one byte of room. Asked for when there is a byte to put and the
         * buffer given before is full.
         *
         * @return a buffer that the body goes into, at its position
         */
        ByteBuffer next();
    }

    /**
     * Reads the whole body into the buffers of {@code room}, one after the other. Blocks. A body
     * that ends early or runs on is a {@link ContainerException} of {@link
     * ContainerException.Fault#BROKEN_BODY}. What {@code room} throws ends the call. No buffer is
     * in use after this returns or throws.
     *
     * @param room is asked for buffers as they are needed
     */
    void readInto(Room room);

    /**
     * The same with one buffer, which has room for {@link BlobInfo#size} bytes.
     *
     * @param target takes the body, at its position
     */
    default void readInto(ByteBuffer target) {
        readInto(() -> target);
    }

    /**
     * Reads {@code count} bytes of the body, from byte {@code from} on, as {@link #readInto(Room)}
     * does the whole; both must be within it. A body that comes from elsewhere is read whole.
     *
     * @param from the first byte, from 0
     * @param count how many
     * @param room is asked for buffers as they are needed
     */
    default void readInto(long from, long count, Room room) {
        PartOfBody part = new PartOfBody(from, count, room);
        readInto(part);
        part.passOn();
    }

    @Override
    void close();
}
