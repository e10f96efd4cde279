package dev.forebay.journal;

import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Has pages ready before the appender comes to them. The first store into a page waits for the file
 * system, and on a fresh file until the page was cleared: for frames of 100 bytes that takes longer
 * than the frames themselves.
 *
 * <p>Stays a little ahead, in the segment that is written to and in the next, unless the appender
 * is faster. A page that was made ready to be stored into is written by the next sync, so in a
 * journal that is synced they are only read.
 *
 * <p>The choice is made under the journal's lock; {@link #warm} is called without it, by one
 * thread.
 */
final class Warming {
    /** How much is appended between two looks of {@link ReadyQueue} at what is cold. */
    static final long STEP = 4 << 20;

    private static final long AHEAD = 6 * STEP;
    private static final long LONGEST = 2 * STEP;
    private static final long PIECE = 1 << 20;

    /** The one that is written to, once there was cause to be ahead of it. */
    private @Nullable Segment filling;

    /** The first frame of the segment before that, if there was one. */
    private long recent;

    /** Pages to be made ready, to be stored into or only read. */
    record Stretch(Segment segment, long from, long to, boolean forStores) {}

    /** From now on stays ahead of {@code active}. */
    void begin(Segment active) {
        if (filling == null) {
            filling = active;
            recent = active.first;
        }
    }

    /** The appender goes on to {@code active}. */
    void roll(Segment active) {
        if (filling != null) {
            recent = filling.first;
            filling = active;
        }
    }

    /**
     * What is to be warmed next, in the segment that is written to or in the one after it; frames
     * up to {@code synced} are synced.
     */
    @Nullable Stretch coldest(Deque<Segment> ready, long synced) {
        Segment now = filling;
        if (now == null) {
            return null;
        }
        now.warm = Math.max(now.warm, now.end);
        Stretch here = stretch(now, now.end + AHEAD, synced);
        Segment next = ready.peekFirst();
        return here != null || next == null
                ? here
                : stretch(next, now.end + AHEAD - now.size, synced);
    }

    private @Nullable Stretch stretch(Segment segment, long ahead, long synced) {
        long to = Math.min(Math.min(segment.size, ahead), segment.warm + LONGEST);
        boolean worthAStep = to - segment.warm >= STEP || to == segment.size;
        return segment.warm < to && worthAStep
                ? new Stretch(segment, segment.warm, to, synced < recent)
                : null;
    }

    /**
     * Warms all of it, in pieces, so that an appender that comes to a page meanwhile waits for one.
     *
     * @throws IOException if a page cannot be had
     */
    static void warm(DiskMapping mapping, Stretch cold) throws IOException {
        for (long at = cold.from; at < cold.to; at += PIECE) {
            long bytes = Math.min(PIECE, cold.to - at);
            try {
                mapping.warm(at, bytes, cold.forStores);
            } catch (IOException e) {
                throw new IOException(
                        "a page of "
                                + cold.segment.path
                                + " from "
                                + at
                                + " to "
                                + (at + bytes)
                                + " cannot be read: "
                                + e.getMessage(),
                        e);
            }
        }
    }
}
