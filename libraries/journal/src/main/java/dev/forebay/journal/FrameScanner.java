package dev.forebay.journal;

import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Walks the frames of one segment file through a buffer on the heap. The scanner stands on a frame
 * or at an end; what it stands on is valid until it moves.
 *
 * <p>Not safe for use by several threads. Reads block.
 */
final class FrameScanner {
    private static final int PIECE = 1 << 18;

    private final DiskFile file;
    private final Layout layout;
    private final long key;
    private byte[] buffer = new byte[0];

    /** The place in the file of the first buffered byte, and how many are buffered. */
    private long base;

    private int filled;
    private long offset;
    private long limit;
    private String reason = "";

    FrameScanner(DiskFile file, Layout layout, long key, long offset, long limit) {
        this.file = file;
        this.layout = layout;
        this.key = key;
        this.offset = offset;
        this.limit = limit;
    }

    long offset() {
        return offset;
    }

    /** Why {@link #find} did not find one. */
    String reason() {
        return reason;
    }

    /** Lets the scanner go further, after more was written. */
    void limit(long end) {
        limit = end;
    }

    void moveTo(long place) {
        offset = place;
    }

    /** True if the bytes here are frame {@code expected}, whole. */
    boolean find(long expected) throws IOException {
        if (!isFrameHere()) {
            return false;
        }
        long found = Layout.sequence(buffer, at());
        if (found != expected) {
            reason = "frame " + found + " instead of " + expected;
            return false;
        }
        return true;
    }

    /** True if the bytes here are a whole frame. */
    boolean isFrameHere() throws IOException {
        if (offset + Layout.FRAME > limit || !buffered(Layout.FRAME)) {
            reason = "the segment ends";
            return false;
        }
        int length = Layout.length(buffer, at());
        if (length < 0 || offset + Layout.FRAME + length > limit) {
            reason = "a length of " + length + " with " + (limit - offset) + " bytes left";
            return false;
        }
        if (!buffered(Layout.FRAME + length)) {
            reason = "the file ends inside the frame";
            return false;
        }
        if (!layout.isFrame(buffer, at(), key, offset)) {
            reason =
                    Layout.isZero(buffer, at(), Layout.FRAME)
                            ? "zeros"
                            : "wrong CRC of a frame of " + length + " bytes";
            return false;
        }
        return true;
    }

    /** Whether nothing was ever written here: zeros, or the segment's end. */
    boolean atCleanEnd() throws IOException {
        return offset + Layout.FRAME > limit
                || !buffered(Layout.FRAME)
                || Layout.isZero(buffer, at(), Layout.FRAME);
    }

    void advance() {
        offset += Layout.frameBytes(Layout.length(buffer, at()));
    }

    /**
     * Goes to the next place at or behind this one where a whole frame later than {@code after}
     * stands; false, and at the end, if there is none.
     */
    boolean search(long after) throws IOException {
        while (offset + Layout.FRAME <= limit && buffered(Layout.FRAME)) {
            int at = at();
            int last = filled - Layout.FRAME;
            long most = after + (limit - base) / Layout.FRAME + 0xffff_ffffL;
            for (; at <= last; at += 8) {
                long sequence = Layout.longAt(buffer, at + 8);
                if (sequence > after && sequence <= most && Layout.isPlausible(buffer, at)) {
                    offset = base + at;
                    if (isFrameHere()) {
                        return true;
                    }
                    at = at();
                    last = filled - Layout.FRAME;
                }
            }
            offset = base + at;
        }
        return false;
    }

    long sequence() {
        return Layout.sequence(buffer, at());
    }

    long count() {
        return Layout.count(buffer, at());
    }

    long synced() {
        return Layout.synced(buffer, at());
    }

    Entry entry() {
        int at = at();
        if ((Layout.flags(buffer, at) & Layout.GAP) != 0) {
            return new Gap(sequence(), count());
        }
        int from = at + Layout.FRAME;
        return new Frame(
                sequence(),
                Layout.time(buffer, at),
                Layout.flags(buffer, at) & Layout.CALLER_FLAGS,
                Arrays.copyOfRange(buffer, from, from + Layout.length(buffer, at)));
    }

    private int at() {
        return (int) (offset - base);
    }

    /** Makes {@code count} bytes from the place available; false if the file ends before. */
    private boolean buffered(int count) throws IOException {
        if (offset >= base && offset + count <= base + filled) {
            return true;
        }
        int wanted = (int) Math.min(Math.max(count, PIECE), limit - offset);
        int kept = 0;
        if (offset >= base && offset < base + filled) {
            kept = (int) (base + filled - offset);
        }
        byte[] target = buffer.length >= wanted ? buffer : new byte[wanted];
        System.arraycopy(buffer, kept == 0 ? 0 : at(), target, 0, kept);
        buffer = target;
        base = offset;
        filled = kept; // True even if reading fails.
        filled += file.readFully(ByteBuffer.wrap(buffer, kept, wanted - kept), offset + kept);
        return filled >= count;
    }
}
