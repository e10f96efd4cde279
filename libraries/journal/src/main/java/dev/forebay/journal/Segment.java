package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A segment file and how far frames reach in it.
 *
 * <p><b>Threads.</b> One thread at a time changes it: the opening, then the thread that holds the
 * writer's lock. Any thread reads it. {@link #publish} stores {@code end} before {@code next}, so
 * that a reader that reads {@code next} first never reads bytes of a frame that is being stored. It
 * stores with release: a reader that sees the value sees the frame's bytes. A volatile store would
 * make each append wait until those bytes have left the processor's store buffer.
 */
final class Segment {
    private static final int FRAMES_PER_MARK = 1024;

    final Path path;
    final Layout.Header header;
    final long key;

    private volatile long first;
    private final AtomicLong end = new AtomicLong(Layout.HEADER);
    private final AtomicLong next = new AtomicLong();
    private volatile long size;

    /** The sequence from which the next mark is worth its place. */
    private volatile long markDue;

    /**
     * Sequence and offset of about every 1024th frame, so that a reader need not begin in front.
     */
    @GuardedBy("this")
    private long[] marks = new long[16];

    @GuardedBy("this")
    private int markCount;

    Segment(Path path, Layout.Header header, long key, long size) {
        this.path = path;
        this.header = header;
        this.key = key;
        this.size = size;
    }

    /** The sequence of the first frame. */
    long first() {
        return first;
    }

    /** One more than the sequence of the last frame; equal to {@link #first} if there is none. */
    long next() {
        return next.get();
    }

    /** The offset at which the next frame begins. */
    long end() {
        return end.get();
    }

    /** The offset up to which frames may reach. */
    long size() {
        return size;
    }

    boolean isEmpty() {
        return next.get() == first;
    }

    void begin(long sequence) {
        first = sequence;
        next.set(sequence);
    }

    void setFirst(long sequence) {
        first = sequence;
    }

    void setSize(long bytes) {
        size = bytes;
    }

    /** Says that frames in front of {@code sequence} are complete and end at {@code offset}. */
    void publish(long sequence, long offset) {
        end.setRelease(offset);
        next.setRelease(sequence);
    }

    /** Notes that frame {@code sequence} begins at {@code offset}, if a mark is due. */
    void mark(long sequence, long offset) {
        if (sequence >= markDue) {
            addMark(sequence, offset);
        }
    }

    private synchronized void addMark(long sequence, long offset) {
        if (markCount > 0 && marks[2 * markCount - 2] == sequence) {
            return;
        }
        if (2 * markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * marks.length);
        }
        marks[2 * markCount] = sequence;
        marks[2 * markCount + 1] = offset;
        markCount++;
        markDue = sequence + FRAMES_PER_MARK;
    }

    /** A frame whose place is known. */
    record Mark(long sequence, long offset) {}

    /** The last mark at or in front of {@code sequence}. */
    synchronized Mark markBefore(long sequence) {
        int low = 0;
        int high = markCount - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (marks[2 * middle] <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return markCount == 0
                ? new Mark(first, Layout.HEADER)
                : new Mark(marks[2 * low], marks[2 * low + 1]);
    }
}
