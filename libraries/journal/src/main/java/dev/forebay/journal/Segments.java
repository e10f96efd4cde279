package dev.forebay.journal;

import dev.forebay.journal.JournalException.Fault;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The segments of an open journal in order, and which of them holds a frame. All of it is guarded
 * by the journal's lock.
 */
final class Segments {
    /** What a reader may see now, and in which segment it finds a frame. */
    record View(
            long until, @Nullable Segment segment, long end, long markSequence, long markOffset) {}

    private final Path directory;
    private final List<Segment> all = new ArrayList<>();
    private long next;
    private long trim;
    private boolean closed;

    Segments(Path directory, Scan scan) {
        this.directory = directory;
        this.next = scan.next;
        this.trim = scan.recovery().first();
        for (Scan.Part part : scan.parts) {
            all.add(part.segment);
        }
    }

    void checkOpen() {
        if (closed) {
            throw new JournalException(
                    Fault.CLOSED, "the journal in " + directory + " is closed", null);
        }
    }

    /** False if that was done before. */
    boolean close() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    /** The sequence of the next frame. */
    long next() {
        return next;
    }

    /** Gives the next sequence away. */
    long take() {
        return next++;
    }

    /** The oldest frame that is kept. */
    long trim() {
        return trim;
    }

    int size() {
        return all.size();
    }

    /** The newest one, to which is written; null if there is none. */
    @Nullable Segment last() {
        return all.isEmpty() ? null : all.getLast();
    }

    /** Adds the one that frames go into from now on. */
    void add(Segment fresh) {
        fresh.begin(next);
        all.add(fresh);
    }

    void checkReadable(long from) {
        if (from < trim || from > next) {
            throw new JournalException(
                    Fault.OUT_OF_RANGE,
                    "frame "
                            + from
                            + " cannot be read: the journal has "
                            + trim
                            + " to "
                            + (next - 1),
                    null);
        }
    }

    /**
     * Where frame {@code sequence} is found, if it is in front of {@code until}; its segment is
     * kept for the reader, and the one that it {@code held} let go.
     */
    View view(long sequence, long until, @Nullable Segment held) {
        if (sequence >= until) {
            return new View(until, held, 0, 0, 0);
        }
        Segment segment = find(sequence);
        if (segment.first > sequence || segment.next <= sequence) {
            throw new JournalException(
                    Fault.OUT_OF_RANGE,
                    "frame " + sequence + " was trimmed; the journal begins at " + trim,
                    null);
        }
        if (segment != held) {
            segment.readers++;
            if (held != null) {
                held.readers--;
            }
        }
        long[] mark = segment.markBefore(sequence);
        return new View(Math.min(until, segment.next), segment, segment.end, mark[0], mark[1]);
    }

    private Segment find(long sequence) {
        int low = 0;
        int high = all.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (all.get(middle).first <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Segment segment = all.get(low);
        while (segment.next == segment.first && low > 0) {
            segment = all.get(--low);
        }
        return segment;
    }

    /** Moves the oldest frame that is kept, and takes out the segments that are not needed. */
    List<Segment> trimTo(long sequence) {
        if (sequence > next) {
            throw new IllegalArgumentException(
                    "cannot trim to " + sequence + ", the next frame is " + next);
        }
        trim = Math.max(trim, sequence);
        List<Segment> freed = new ArrayList<>();
        while (frees(trim)) {
            freed.add(all.removeFirst());
        }
        return freed;
    }

    /** Whether the first segment is not needed if frames in front of {@code sequence} are not. */
    boolean frees(long sequence) {
        return all.size() > 1 && all.getFirst().next <= sequence && hasFramesBehindFirst();
    }

    /** One segment with a frame always stays: it is what the next sequence is known from. */
    private boolean hasFramesBehindFirst() {
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i).next > all.get(i).first) {
                return true;
            }
        }
        return all.getFirst().next == all.getFirst().first;
    }

    /** Where the next opening may begin. */
    Checkpoint checkpoint(long synced) {
        Segment begin = all.getFirst();
        for (Segment segment : all) {
            if (segment.next > segment.first && segment.first <= trim) {
                begin = segment;
            }
        }
        long[] mark = begin.markBefore(trim);
        return new Checkpoint(
                trim, synced, begin.header.number(), begin.header.salt(), mark[0], mark[1]);
    }
}
