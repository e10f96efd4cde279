package dev.forebay.bddf;

import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes that can be read from any position: a file, or an array. */
public interface Source {
    /**
     * Reads at {@code position} until {@code target} is full or the source ends; returns the number
     * of bytes.
     */
    int read(ByteBuffer target, long position) throws IOException;

    /** How many bytes there are. */
    long size() throws IOException;

    /** An open file, which stays the caller's to close. */
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
     */
    default Source ahead() {
        return new ReadAhead(this);
    }

    /** An array, which is not copied. */
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
