package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.journal.JournalException.Fault;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes payloads into frames and stores them into the active segment; rolls to the next segment
 * when that one is full or too old.
 *
 * <p><b>Guarantee.</b> A frame is stored in one piece; then its end is published. Behind the last
 * frame there are zeros: in a new file there is nothing else, in one that is used again they are
 * stored with the frame. An append that throws before it stored a byte has changed nothing. If
 * storing itself fails, the journal is poisoned, because it is unknown what a reopening will find.
 *
 * <p><b>Limit.</b> A roll blocks, with the lock held, while no segment is ready; an append, while
 * zeros are written where it is to store.
 *
 * <p><b>Threads.</b> Safe for use by many; one appends at a time. Under its lock the locks of
 * {@link SegmentIndex}, {@link SegmentSupply}, {@link GroupCommit}, {@link PageFiller}, {@link
 * PageWarmer} and {@link SegmentAger} are taken, never two of them together, and none of these
 * takes this one.
 */
final class SegmentWriter {
    private static final int SCRATCH = 1 << 16;
    private static final int LARGEST_KEPT = 1 << 20;

    private final JournalSettings settings;
    private final JournalState state;
    private final SegmentIndex index;
    private final SegmentSupply supply;
    private final GroupCommit commit;
    private final PageFiller filler;
    private final PageWarmer warmer;
    private final SegmentAger ager;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final FrameClock stamp;

    @GuardedBy("lock")
    private final Layout layout = new Layout();

    @GuardedBy("lock")
    private byte[] scratch = new byte[SCRATCH];

    @GuardedBy("lock")
    private final FreshFileWriter fresh = new FreshFileWriter();

    /**
     * The segment that is written to; null after an opening on a full disk, until there is room.
     */
    @GuardedBy("lock")
    private @Nullable MappedSegment active;

    /** Up to which offset of the active segment frames may be stored; see {@link PageFiller}. */
    @GuardedBy("lock")
    private long claimed;

    SegmentWriter(
            Clock clock,
            JournalSettings settings,
            JournalState state,
            SegmentIndex index,
            SegmentSupply supply,
            GroupCommit commit,
            PageFiller filler,
            PageWarmer warmer,
            SegmentAger ager) {
        this.settings = settings;
        this.state = state;
        this.index = index;
        this.supply = supply;
        this.commit = commit;
        this.filler = filler;
        this.warmer = warmer;
        this.ager = ager;
        stamp = new FrameClock(clock);
    }

    /** The sequence of the next frame. */
    long next() {
        return commit.written() + 1;
    }

    /** Begins to write into {@code empty}. */
    void begin(MappedSegment empty) {
        lock.lock();
        try {
            activate(empty);
        } finally {
            lock.unlock();
        }
    }

    /** Appends one frame, into the reserve if need be, and gives its sequence. */
    long append(byte[] payload, Numbering numbering, int flags, boolean fromReserve) {
        int length = numbering.bytes() + payload.length;
        long bytes = Layout.frameBytes(length);
        lock.lock();
        try {
            MappedSegment to = withRoom(bytes, fromReserve);
            byte[] frames = scratch(bytes);
            long micros = stamp.micros();
            long sequence = beginFrames(to.segment());
            long offset = to.segment().end();
            numbering.put(payload, 0, frames, Layout.FRAME);
            layout.encodeFrame(
                    frames,
                    0,
                    length,
                    to.segment().key,
                    offset,
                    sequence,
                    micros,
                    flags,
                    sequence - commit.synced());
            try {
                store(to, offset, frames, (int) bytes);
                publish(to.segment(), sequence, offset + bytes);
            } catch (IOException e) {
                throw state.poisonedBy(e);
            } catch (Throwable e) {
                state.poison(e);
                throw e;
            }
            return sequence;
        } finally {
            lock.unlock();
        }
    }

    /** Appends them into one segment and gives the sequence of the last. */
    long append(List<byte[]> payloads, Numbering numbering, int flags) {
        long bytes = 0;
        long largest = 0;
        for (byte[] payload : payloads) {
            long frame = Layout.frameBytes(numbering.bytes() + payload.length);
            bytes += frame;
            largest = Math.max(largest, frame);
        }
        lock.lock();
        try {
            MappedSegment to = withRoom(bytes, false);
            if (payloads.isEmpty()) {
                return commit.written();
            }
            byte[] frames = scratch(largest);
            long micros = stamp.micros();
            beginFrames(to.segment());
            try {
                return storeAll(to, payloads, numbering, frames, micros, flags);
            } catch (IOException e) {
                throw state.poisonedBy(e);
            } catch (Throwable e) {
                state.poison(e);
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private long storeAll(
            MappedSegment to,
            List<byte[]> payloads,
            Numbering numbering,
            byte[] frames,
            long micros,
            int flags)
            throws IOException {
        Segment segment = to.segment();
        long synced = commit.synced();
        long sequence = next();
        long at = segment.end();
        int filled = 0;
        int index = 0;
        for (byte[] payload : payloads) {
            int length = numbering.bytes() + payload.length;
            int bytes = (int) Layout.frameBytes(length);
            if (filled + bytes + Layout.FRAME > frames.length) {
                store(to, at, frames, filled);
                at += filled;
                filled = 0;
            }
            numbering.put(payload, index++, frames, filled + Layout.FRAME);
            layout.encodeFrame(
                    frames,
                    filled,
                    length,
                    segment.key,
                    at + filled,
                    sequence,
                    micros,
                    flags,
                    sequence - synced);
            filled += bytes;
            sequence++;
        }
        store(to, at, frames, filled);
        publish(segment, sequence - 1, at + filled);
        return sequence - 1;
    }

    /** What an append does that may fail, before it stores a byte; gives the next sequence. */
    @GuardedBy("lock")
    private long beginFrames(Segment segment) {
        if (segment.isEmpty()) {
            ager.firstFrame();
        }
        long sequence = next();
        segment.mark(sequence, segment.end());
        return sequence;
    }

    @GuardedBy("lock")
    private byte[] scratch(long largest) {
        int bytes = Math.toIntExact(largest + Layout.FRAME);
        if (bytes <= scratch.length) {
            return scratch;
        }
        if (bytes <= LARGEST_KEPT) {
            scratch = new byte[LARGEST_KEPT];
            return scratch;
        }
        return new byte[bytes];
    }

    /** Stores whole frames, with zeros behind them if there is room. */
    @GuardedBy("lock")
    private void store(MappedSegment to, long at, byte[] frames, int bytes) throws IOException {
        if (to.fresh() && bytes >= FreshFileWriter.WORTH_A_CALL) {
            claim(FreshFileWriter.blockEnd(at + bytes));
            fresh.write(to, at, frames, bytes, commit.synced() < to.segment().first());
            return;
        }
        int end = bytes;
        if (at + bytes + Layout.FRAME <= to.segment().size()) {
            for (int i = 0; i < Layout.FRAME; i++) {
                frames[end++] = 0;
            }
        }
        if (claim(at + end)) {
            warmer.advance(to);
        }
        to.mapping().put(at, frames, 0, end);
    }

    /** Has the active segment in front of {@code end} for frames; true if that was news. */
    @GuardedBy("lock")
    private boolean claim(long end) {
        if (end <= claimed) {
            return false;
        }
        claimed = filler.claim(end + PageWarmer.STEP);
        return true;
    }

    @GuardedBy("lock")
    private void publish(Segment segment, long last, long end) {
        segment.publish(last + 1, end);
        commit.written(last);
    }

    /** The active segment, with {@code bytes} free; that of the reserve if need be. */
    @GuardedBy("lock")
    private MappedSegment withRoom(long bytes, boolean fromReserve) {
        state.check();
        if (!fromReserve && settings.reserve()) {
            while (supply.isBorrowed()) {
                supply.awaitReserve();
                state.check();
            }
        }
        MappedSegment now = active;
        if (now != null && now.segment().end() + bytes <= now.segment().size()) {
            return now;
        }
        long room = settings.segmentBytes().bytes() - Layout.HEADER;
        if (bytes > room) {
            throw new JournalException(
                    Fault.TOO_LARGE,
                    "%d bytes with their frames do not fit into a segment, which takes %d; split them or raise segmentBytes"
                            .formatted(bytes, room),
                    null);
        }
        MappedSegment empty = supply.take(bytes, fromReserve);
        activate(empty);
        state.check();
        return empty;
    }

    /** Rolls because the active segment is too old, if it has frames and another one is ready. */
    void rollAged() {
        lock.lock();
        try {
            MappedSegment now = active;
            boolean worth = now != null && !now.segment().isEmpty();
            if (worth && !state.isClosed() && !state.isPoisoned() && supply.hasNext()) {
                activate(supply.take(0, false));
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void activate(MappedSegment empty) {
        MappedSegment last = active;
        try {
            empty.segment().begin(next());
            commit.begin(empty.segment(), empty.file());
            index.add(empty.segment());
            active = empty;
            claimed = Math.min(PageWarmer.STEP / 4, empty.segment().size() / 4);
            filler.begin(empty.segment(), claimed);
            fresh.begin();
            warmer.roll(empty, last);
            ager.rolled();
        } catch (Throwable e) {
            state.poison(e); // The components may disagree on which segment is the newest.
            throw e;
        }
    }

    /** Returns once no append is under way; {@link JournalState} refuses later ones. */
    void close() {
        lock.lock();
        try {
            scratch = new byte[0];
        } finally {
            lock.unlock();
        }
    }

    /** Closes the mapping that is written to. A segment without a frame goes back unused. */
    void closeMapping() {
        lock.lock();
        try {
            MappedSegment last = active;
            active = null;
            if (last != null) {
                last.mapping().close();
                if (last.segment().isEmpty()) {
                    commit.forget(last.segment());
                    supply.giveBack(last.segment());
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
