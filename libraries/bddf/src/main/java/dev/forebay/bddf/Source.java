package dev.forebay.bddf;

import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that can be read from any position: a file, or an array. */
public interface Source {
    /**
     * Reads at {@code position} until {@code target} is full or the source ends; returns the number
     * of bytes.
     *
     * @param target takes the bytes, at its position
     * @param position in bytes from the start
     * @return how many were read, 0 at or past the end
     * @throws IOException if the bytes cannot be read
     */
    int read(ByteBuffer target, long position) throws IOException;

    /**
     * {@return how many bytes there are}
     *
     * @throws IOException if it cannot be told
     */
    long size() throws IOException;

    /**
     * An open file, which stays the caller's to close.
     *
     * @param file the file
     * @return that source
     */
    static Source of(DiskFile file) {
        return new Source() {
            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                return file.readFully(target, position);
            }

            @Override
            public long size() throws IOException {
                return file.size();
            }
        };
    }

    /**
     * The same bytes, read in pieces of 256 KiB, so that blocks one behind the other cost few calls
     * of the system. For use by one thread.
     *
     * @return a source over this one
     */
    default Source ahead() {
        return new ReadAhead(this);
    }

    /**
     * An array, which is not copied.
     *
     * @param bytes must not change meanwhile
     * @return that source
     */
    static Source of(byte[] bytes) {
        return new Source() {
            @Override
            public int read(ByteBuffer target, long position) {
                int from = (int) Math.min(position, bytes.length);
                int count = Math.min(target.remaining(), bytes.length - from);
                target.put(bytes, from, count);
                return count;
            }

            @Override
            public long size() {
                return bytes.length;
            }
        };
    }
}
