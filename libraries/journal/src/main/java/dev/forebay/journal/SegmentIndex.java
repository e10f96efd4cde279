package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.journal.JournalException.Fault;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The segments of an open journal in order, the oldest frame that is kept, and how many readers are
 * in each segment.
 *
 * <p>Safe for use by many threads. Its lock is a leaf: held for a few steps in memory only.
 */
final class SegmentIndex {
    /**
     * Where a reader finds a frame.
     *
     * @param until the reader may read frames in front of this one
     * @param segment holds the frame; null if there is no frame to read yet
     * @param end the offset at which the frames that may be read end
     * @param mark a frame of the segment at or in front of the wanted one
     */
    record View(long until, @Nullable Segment segment, long end, Segment.Mark mark) {}

    private static final Segment.Mark NO_MARK = new Segment.Mark(0, 0);

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final List<Segment> all = new ArrayList<>();

    /** How many readers are in a segment; a segment without readers has no entry. */
    @GuardedBy("lock")
    private final IdentityHashMap<Segment, Integer> readers = new IdentityHashMap<>();

    /** The oldest frame that is kept. */
    @GuardedBy("lock")
    private long trim;

    SegmentIndex(Scan scan) {
        trim = scan.recovery().first();
        scan.parts.forEach(part -> all.add(part.segment));
    }

    long trim() {
        lock.lock();
        try {
            return trim;
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return all.size();
        } finally {
            lock.unlock();
        }
    }

    /** Adds the segment that frames go into from now on. */
    void add(Segment fresh) {
        lock.lock();
        try {
            all.add(fresh);
        } finally {
            lock.unlock();
        }
    }

    /** The size of the largest segment; 0 if there is none. */
    long largest() {
        lock.lock();
        try {
            return all.stream().mapToLong(Segment::size).max().orElse(0);
        } finally {
            lock.unlock();
        }
    }

    void checkReadable(long from, long next) {
        long oldest = trim();
        if (from < oldest || from > next) {
            throw new JournalException(
                    Fault.OUT_OF_RANGE,
                    "frame %d cannot be read: the journal has %d to %d"
                            .formatted(from, oldest, next - 1),
                    null);
        }
    }

    /**
     * Where frame {@code sequence} is, if it is in front of {@code until}. The reader enters that
     * segment and leaves {@code held}, the one it was in.
     */
    View view(long sequence, long until, @Nullable Segment held) {
        if (sequence >= until) {
            return new View(until, held, 0, NO_MARK);
        }
        lock.lock();
        try {
            Segment segment = find(sequence);
            long next = segment.next(); // Read before its end: see Segment.
            if (segment.first() > sequence || next <= sequence) {
                throw new JournalException(
                        Fault.OUT_OF_RANGE,
                        "frame %d was trimmed; the journal begins at %d".formatted(sequence, trim),
                        null);
            }
            if (segment != held) {
                readers.merge(segment, 1, Integer::sum);
                if (held != null) {
                    leave(held);
                }
            }
            return new View(
                    Math.min(until, next), segment, segment.end(), segment.markBefore(sequence));
        } finally {
            lock.unlock();
        }
    }

    /** The reader that was in {@code segment} is gone. */
    void leave(Segment segment) {
        lock.lock();
        try {
            readers.computeIfPresent(segment, (key, count) -> count == 1 ? null : count - 1);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Segment find(long sequence) {
        int low = 0;
        int high = all.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (all.get(middle).first() <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        Segment segment = all.get(low);
        while (segment.isEmpty() && low > 0) {
            segment = all.get(--low);
        }
        return segment;
    }

    /**
     * A trimmed segment.
     *
     * @param reusable false if a reader is in it, which reads its file to the end
     */
    record Freed(Segment segment, boolean reusable) {}

    /** Moves the oldest frame that is kept, and takes out the segments that are not needed. */
    List<Freed> trimTo(long sequence, long next) {
        if (sequence > next) {
            throw new IllegalArgumentException(
                    "cannot trim to %d, the next frame is %d".formatted(sequence, next));
        }
        lock.lock();
        try {
            List<Freed> freed = new ArrayList<>();
            for (int i = 0; i < countFreed(Math.max(trim, sequence)); i++) {
                Segment segment = all.get(i);
                freed.add(new Freed(segment, !readers.containsKey(segment)));
            }
            trim = Math.max(trim, sequence);
            all.subList(0, freed.size()).clear();
            return freed;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a trim to {@code sequence} would free a segment. */
    boolean frees(long sequence) {
        lock.lock();
        try {
            return countFreed(sequence) > 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * How many segments in front hold only frames in front of {@code sequence}. One segment with a
     * frame always stays: the next opening knows the next sequence from it.
     */
    @GuardedBy("lock")
    private int countFreed(long sequence) {
        int last = all.size() - 1;
        while (last > 0 && all.get(last).isEmpty()) {
            last--;
        }
        int count = 0;
        while (count < last && all.get(count).next() <= sequence) {
            count++;
        }
        return count;
    }

    /** Where the next opening may begin to read. */
    Checkpoint checkpoint(long synced) {
        lock.lock();
        try {
            Segment begin = all.getFirst();
            for (Segment segment : all) {
                if (segment.first() > trim) {
                    break;
                }
                if (!segment.isEmpty()) {
                    begin = segment;
                }
            }
            Segment.Mark mark = begin.markBefore(trim);
            return new Checkpoint(
                    trim,
                    synced,
                    begin.header.number(),
                    begin.header.salt(),
                    mark.sequence(),
                    mark.offset());
        } finally {
            lock.unlock();
        }
    }
}
