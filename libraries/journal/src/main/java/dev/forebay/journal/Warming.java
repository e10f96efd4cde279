package dev.forebay.journal;

import dev.forebay.base.DiskMapping;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Has the pages of a segment in memory before the appender comes to them. A store into a page that
 * is not there waits until it was read or cleared, and on Linux a whole read-ahead window with it:
 * 20 ms where that is 8 MiB.
 *
 * <p>What a file that is used again held in memory is taken to be there still.
 *
 * <p>Begins when a segment is a quarter full, so that a journal of which little is asked reads
 * nothing in vain; from then on it stays ahead, unless the appender is faster than the disk.
 *
 * <p>The choice is made under the journal's lock; {@link #touch} is called without it, by one
 * thread.
 */
final class Warming {
    private static final int PIECE = 1 << 20;
    private static final int PAGE = 4096;

    private final byte[] touched = new byte[1];

    /** The one that is written to, once there was cause to be ahead of it. */
    private @Nullable Segment filling;

    /** From now on stays ahead of {@code active}. */
    void begin(Segment active) {
        filling = active;
    }

    /** The appender goes on to {@code active}. */
    void roll(Segment active) {
        if (filling != null) {
            filling = active;
        }
    }

    /** Which segment has pages to be read: the one that is written to, then the next. */
    @Nullable Segment coldest(Deque<Segment> ready) {
        Segment now = filling;
        if (now == null) {
            return null;
        }
        now.warm = Math.max(now.warm, now.end);
        if (now.warm < now.size) {
            return now;
        }
        Segment next = ready.peekFirst();
        return next != null && next.warm < next.size ? next : null;
    }

    /**
     * Touches the next piece of the mapping and gives how far that came.
     *
     * @throws IOException if a page cannot be read
     */
    long touch(DiskMapping mapping, long from) throws IOException {
        long to = Math.min(from + PIECE, mapping.size());
        try {
            for (long at = from; at < to; at += PAGE) {
                mapping.get(at, touched, 0, 1);
            }
        } catch (UncheckedIOException | InternalError e) {
            // The second is how the virtual machine tells of a page that the device did not give.
            throw new IOException("a page between " + from + " and " + to + " cannot be read", e);
        }
        return to;
    }
}
