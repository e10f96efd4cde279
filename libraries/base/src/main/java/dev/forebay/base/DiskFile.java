package dev.forebay.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * An open file of a {@link Disk}, addressed by position. Safe for use by many threads as far as
 * they write to disjoint ranges. No call is ended by an interrupt of its thread.
 */
public interface DiskFile extends AutoCloseable {
    /**
     * Reads up to {@code target.remaining()} bytes at {@code position}; the number read, or -1 at
     * or past the end.
     *
     * @param target takes the bytes, at its position
     * @param position in bytes from the start of the file
     * @return the number of bytes read, or -1
     * @throws IOException if the device cannot be read
     */
    int read(ByteBuffer target, long position) throws IOException;

    /**
     * Writes bytes at {@code position} and returns how many, which may be fewer than {@code
     * source.remaining()}.
     *
     * @param source has the bytes, from its position
     * @param position in bytes from the start of the file
     * @return the number of bytes written
     * @throws IOException if none could be written
     */
    int write(ByteBuffer source, long position) throws IOException;

    /**
     * Sends up to {@code count} bytes from {@code position} to {@code target}, in pieces, until
     * {@code target} takes less than a piece; returns how many it took.
     *
     * @param position in bytes from the start of the file
     * @param count how many bytes at most
     * @param target takes the bytes; may block
     * @return the number of bytes that it took
     * @throws IOException if the device cannot be read or the target fails
     */
    long transferTo(long position, long count, WritableByteChannel target) throws IOException;

    /**
     * The length of the file now.
     *
     * @return bytes
     * @throws IOException if the system does not say
     */
    long size() throws IOException;

    /**
     * Cuts the file to {@code size} bytes; does nothing if it is not longer.
     *
     * @param size the length from now on, if the file is longer
     * @throws IOException if it keeps its length
     */
    void truncate(long size) throws IOException;

    /**
     * Reserves blocks for {@code length} bytes from {@code offset} and lengthens the file over
     * them, so that later writes and stores there cannot meet a full disk. Reads there give zeros.
     *
     * @param offset where the range begins
     * @param length of the range, in bytes
     * @throws IOException if not all of it could be reserved
     */
    void allocate(long offset, long length) throws IOException;

    /**
     * Makes the bytes written so far, and the size if it is needed to read them, durable ({@code
     * fdatasync}). After a failure nothing is known of any byte written since the last success, and
     * a later success proves nothing.
     *
     * @throws IOException if any byte may be lost
     */
    void sync() throws IOException;

    /**
     * Maps {@code length} bytes from {@code offset}, which must lie within the file, for reading
     * and writing.
     *
     * @param offset where the mapping begins
     * @param length of the mapping, in bytes
     * @return the mapping, to be closed by the caller
     * @throws IOException if the range is not in the file or there is no room for it in the address
     *     space
     */
    DiskMapping map(long offset, long length) throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Writes all of {@code source} at {@code position}, however many calls it takes.
     *
     * @param source has the bytes, from its position
     * @param position in bytes from the start of the file
     * @throws IOException if not all of them could be written
     */
    default void writeFully(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += write(source, at);
        }
    }

    /**
     * Reads until {@code target} is full or the file ends; the number of bytes read, 0 at or past
     * the end.
     *
     * @param target takes the bytes, at its position
     * @param position in bytes from the start of the file
     * @return the number of bytes read
     * @throws IOException if the device cannot be read
     */
    default int readFully(ByteBuffer target, long position) throws IOException {
        int sum = 0;
        while (target.hasRemaining()) {
            int count = read(target, position + sum);
            if (count < 0) {
                break;
            }
            sum += count;
        }
        return sum;
    }
}
