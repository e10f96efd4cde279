package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.DiskFile;
import dev.forebay.base.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes zeros into new files ahead of the appender, so that it finds pages there to store into.
 *
 * <p><b>Why.</b> The first store into a page of a new file is a page fault in which the file system
 * looks up the page's place and makes it writable. That takes four microseconds of processor time a
 * page of 4 KiB, and as long if {@link PageWarmer} asks for the pages. A write of 256 KiB of zeros
 * gets memory for all of its pages at once and leaves them writable: half a microsecond a page.
 *
 * <p><b>Guarantee.</b> No header and no frame is overwritten. The appender claims bytes before it
 * stores into them, and zeros go only where nothing is claimed: into the active segment behind the
 * claim, or into one that is ready and comes later. They are written a piece at a time. A claim
 * waits for the piece that is being written if it lies in what is claimed; a change of segment
 * waits for any.
 *
 * <p><b>Limit.</b> An appender that meets a piece waits for one write of the system's cache.
 *
 * <p><b>Threads.</b> One appender, which holds the lock of {@link SegmentWriter}, and one thread
 * that fills. The lock is a leaf and not held during the write.
 */
final class PageFiller {
    /** The most that is written at once. Pieces end at multiples of it. */
    static final long PIECE = 256 << 10;

    /** Where zeros are being written. */
    private record Piece(Segment segment, long from) {}

    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when a piece is written. */
    private final Condition written = lock.newCondition();

    /** The segment that frames are stored into; null in front of the first. */
    @GuardedBy("lock")
    private @Nullable Segment active;

    /** Frames may be in front of this offset of the active segment, and nowhere else. */
    @GuardedBy("lock")
    private long claimed;

    @GuardedBy("lock")
    private @Nullable Piece writing;

    /** Of the filling thread; null until it is needed. */
    private @Nullable ByteBuffer zeros;

    /**
     * Says that frames go into {@code segment} from now on, at first in front of {@code end}. The
     * segment before gets no more zeros: its file may become a spare.
     */
    void begin(Segment segment, long end) {
        lock.lock();
        try {
            active = segment;
            claimed = end;
            while (writing != null) {
                written.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Claims the active segment in front of {@code end} for frames.
     *
     * @return where the claim ends: {@code end} or more
     */
    long claim(long end) {
        lock.lock();
        try {
            claimed = Math.max(claimed, (end + PIECE - 1) / PIECE * PIECE);
            while (writing != null && writing.segment == active && writing.from < claimed) {
                written.awaitUninterruptibly();
            }
            return claimed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes zeros from {@code from} to {@code to}, as far as no frame can be there. Nothing if the
     * device is full: the blocks are reserved, so a frame may still find its place.
     *
     * @param to at most {@link #PIECE} behind {@code from}
     */
    void fill(MappedSegment mapped, long from, long to) throws IOException {
        long free = start(mapped.segment(), from, to);
        if (free < to) {
            try {
                write(mapped.file(), zeros((int) (to - free)), free);
            } finally {
                end();
            }
        }
    }

    private static void write(DiskFile file, ByteBuffer zeros, long at) throws IOException {
        try {
            file.writeFully(zeros, at);
        } catch (NoSpaceException e) {
            return; // Zeros are a help only.
        }
    }

    /** Where the part begins that no frame can be in; {@code to} if there is none. */
    private long start(Segment segment, long from, long to) {
        lock.lock();
        try {
            long free = firstFree(segment, from, to);
            writing = free < to ? new Piece(segment, free) : null;
            return free;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private long firstFree(Segment segment, long from, long to) {
        Segment now = active;
        if (now == null || segment.header.number() < now.header.number()) {
            return to;
        }
        long first = segment == now ? Math.max(claimed, Layout.HEADER) : Layout.HEADER;
        return Math.min(Math.max(from, first), to);
    }

    private void end() {
        lock.lock();
        try {
            writing = null;
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private ByteBuffer zeros(int bytes) {
        ByteBuffer all = zeros;
        if (all == null) {
            all = ByteBuffer.allocateDirect((int) PIECE);
            zeros = all;
        }
        return all.clear().limit(bytes);
    }
}
