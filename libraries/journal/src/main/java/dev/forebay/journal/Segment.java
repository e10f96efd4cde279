package dev.forebay.journal;

import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A segment of an open journal. All fields are guarded by the journal's lock. */
final class Segment {
    private static final int FRAMES_PER_MARK = 1024;

    final Path path;
    final Layout.Header header;
    final long key;

    /** The first sequence number, and the one after the last; equal while it is empty. */
    long first;

    long next;

    /** Where the next frame begins. */
    long end = Layout.HEADER;

    /** How far frames may reach. */
    long size;

    /** Open while frames may be unsynced. */
    @Nullable DiskFile file;

    /** Opened once more for forces in the appender's own thread. Used by one force at a time. */
    @Nullable DiskFile second;

    /** Of the one that is written to. */
    @Nullable DiskMapping mapping;

    /** How far pages of the mapping are ready to be stored into. */
    long warm;

    int readers;

    /** Sequence and offset of about every 1024th frame, so that reading need not begin in front. */
    private long[] marks = new long[16];

    private int markCount;

    Segment(Path path, Layout.Header header, long key, long size) {
        this.path = path;
        this.header = header;
        this.key = key;
        this.size = size;
    }

    void begin(long sequence) {
        first = sequence;
        next = sequence;
    }

    /** Notes that the frame {@code sequence} stands at {@code offset}, if it is time for a mark. */
    void mark(long sequence, long offset) {
        if (markCount > 0 && sequence < marks[2 * markCount - 2] + FRAMES_PER_MARK) {
            return;
        }
        if (2 * markCount == marks.length) {
            marks = Arrays.copyOf(marks, 2 * marks.length);
        }
        marks[2 * markCount] = sequence;
        marks[2 * markCount + 1] = offset;
        markCount++;
    }

    /** The last mark at or in front of {@code sequence}: its sequence and its offset. */
    long[] markBefore(long sequence) {
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
                ? new long[] {first, Layout.HEADER}
                : new long[] {marks[2 * low], marks[2 * low + 1]};
    }
}
