package dev.forebay.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Stores many frames at a time into a new file, whose bytes are not in memory yet.
 *
 * <p><b>Why not through the mapping.</b> The first store into a page of a new file is a page fault:
 * the file system finds the page's place, clears it and makes it writable, 4 KiB at a time. That
 * takes four microseconds a page, whether the appender meets the page or {@link PageWarmer}, and
 * with two processors both are needed all the time. A write of many bytes does the same once for
 * all its pages, and clears none that it fills. A call takes two microseconds itself, so it pays
 * only for many bytes.
 *
 * <p><b>Why blocks.</b> A write that ends within a page leaves that page half filled, and a write
 * of 13 KB gets its memory as single pages. So the first write that comes into a block of 64 KiB
 * also fills the rest of the block with zeros, which it holds anyway: the system takes the memory
 * in one piece, and later writes find it there. Written 13.6 KB at a time, a mebibyte takes half as
 * long.
 *
 * <p><b>Limit.</b> These zeros would go to the device too. A journal that is synced is not to write
 * more than its frames, so the caller says whether to fill blocks.
 *
 * <p>Not safe for use by several threads: {@link SegmentWriter} holds its lock. A write may block
 * while the system has too many bytes for the device.
 */
final class FreshFileWriter {
    /** Fewer bytes than these are stored through the mapping. */
    static final int WORTH_A_CALL = 8 << 10;

    static final int BLOCK = 64 << 10;

    /**
     * What one call writes. The frames are copied to the end of the first half; the second half is
     * zeros and stays so.
     */
    private final ByteBuffer piece = ByteBuffer.allocateDirect(2 * BLOCK);

    /** Blocks in front of this offset are filled. */
    private long filled;

    /** Says that the next frames go into another file. */
    void begin() {
        filled = 0;
    }

    /**
     * Stores the first {@code length} bytes of {@code frames} at {@code at}.
     *
     * @param fillBlock whether the rest of the last block is filled with zeros
     */
    void write(MappedSegment to, long at, byte[] frames, int length, boolean fillBlock)
            throws IOException {
        for (int done = 0; done < length; ) {
            long here = at + done;
            int part = (int) Math.min(length - done, BLOCK - here % BLOCK);
            done += part;
            int first = BLOCK - part;
            piece.clear().put(first, frames, done - part, part).position(first);
            piece.limit(BLOCK + (fillBlock && done == length ? zeros(to, here + part) : 0));
            to.file().writeFully(piece, here);
        }
    }

    /** Where the block ends in which frames end at {@code end}. */
    static long blockEnd(long end) {
        return (end + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** How many zeros fill the block in which frames end at {@code end}; none if it is filled. */
    private int zeros(MappedSegment to, long end) {
        if (end <= filled) {
            return 0;
        }
        filled = Math.min(to.segment().size(), blockEnd(end));
        return (int) (filled - end);
    }
}
