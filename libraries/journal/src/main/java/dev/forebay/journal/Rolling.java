package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.NoSpaceException;
import dev.forebay.journal.JournalException.Fault;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the active segment has room, by going on to the next one when it is full or too
 * old. That waits for the disk only if none is ready.
 *
 * <p>Guarded by the journal's lock, which {@link #makeRoom} may release while it waits.
 */
final class Rolling implements ReadyQueue.Ageing {
    private final Clock clock;
    private final Store store;
    private final JournalSettings settings;
    private final Segments segments;
    private final GroupCommit commit;
    private final ReadyQueue ready;
    private Segment active;

    /** Of the active segment; none after an opening on a full disk, until there is room. */
    private @Nullable DiskMapping mapping;

    private long ageDue = Long.MAX_VALUE;

    /** How far the active segment is filled when pages are made ready ahead again. */
    private long tellAt;

    /** Makes the first segment. Blocks for disk calls. */
    Rolling(
            Clock clock,
            Store store,
            JournalSettings settings,
            Segments segments,
            ReentrantLock lock,
            GroupCommit commit)
            throws IOException {
        this.clock = clock;
        this.store = store;
        this.settings = settings;
        this.segments = segments;
        this.commit = commit;
        long number = store.highestNumber() + 1;
        active = first(number);
        tellAt = firstTold();
        ready = new ReadyQueue(clock, store, settings, lock, commit, this, number + 1);
    }

    /**
     * The segment to append to. On a full disk it is the last one there is, which takes no more: a
     * journal must open to be read and trimmed, which makes room.
     */
    private Segment first(long number) throws IOException {
        try {
            // Trimming must not need any room itself.
            store.reserveCheckpoint(
                    new Checkpoint(segments.trim(), segments.next() - 1, 0, 0, 0, 0));
            Segment fresh = prepare(number);
            mapping = fresh.mapping;
            segments.add(fresh);
            commit.begin(fresh);
            return fresh;
        } catch (NoSpaceException e) {
            Segment last = segments.last();
            if (last == null) {
                throw e;
            }
            last.size = last.end;
            return last;
        }
    }

    /** With a reserve, what little room there is will do: it is for notes that make more. */
    private Segment prepare(long number) throws IOException {
        long bytes = settings.segmentBytes().bytes();
        while (true) {
            try {
                return store.prepare(number, bytes);
            } catch (NoSpaceException e) {
                bytes /= 2;
                if (!settings.reserve() || bytes < JournalSettings.SMALLEST.bytes()) {
                    throw e;
                }
            }
        }
    }

    Segment active() {
        return active;
    }

    /** Stores bytes into the active segment. */
    void put(long at, byte[] bytes, int count) {
        Objects.requireNonNull(mapping).put(at, bytes, 0, count);
        if (at >= tellAt) {
            tellAt = at + Warming.STEP;
            ready.warm(active);
        }
    }

    private long firstTold() {
        return Math.min(Warming.STEP / 4, settings.segmentBytes().bytes() / 4);
    }

    /** Says that the active segment has got its first frame. */
    void begun() {
        if (!settings.segmentAge().isZero()) {
            ageDue = clock.deadline(settings.segmentAge());
            ready.wake();
        }
    }

    /** Returns with {@code bytes} free in the active segment, that of the reserve if need be. */
    void makeRoom(long bytes, boolean fromReserve) {
        checkOpen();
        while (!fromReserve && ready.borrowed()) {
            ready.awaitReserve();
            checkOpen();
        }
        if (active.end + bytes > active.size) {
            makeRoomByRolling(bytes, fromReserve);
        }
    }

    private void makeRoomByRolling(long bytes, boolean fromReserve) {
        long room = settings.segmentBytes().bytes() - Layout.HEADER;
        if (bytes > room) {
            throw new JournalException(
                    Fault.TOO_LARGE,
                    bytes
                            + " bytes with their frames do not fit into a segment, which takes "
                            + room
                            + "; split them or raise segmentBytes",
                    null);
        }
        while (active.end + bytes > active.size) {
            Segment full = active;
            Segment fresh = ready.take(fromReserve);
            if (active == full) {
                activate(fresh);
            } else {
                ready.giveBack(fresh); // Another appender rolled while this one waited.
            }
            checkOpen();
        }
    }

    private void checkOpen() {
        segments.checkOpen();
        commit.check();
    }

    private void activate(Segment fresh) {
        active.mapping = null;
        ready.rolled(fresh, mapping);
        segments.add(fresh);
        active = fresh;
        tellAt = firstTold();
        mapping = Objects.requireNonNull(fresh.mapping);
        ageDue = Long.MAX_VALUE;
        commit.begin(fresh);
    }

    @Override
    public long dueNanos() {
        return ready.hasNext() ? ageDue : Long.MAX_VALUE;
    }

    @Override
    public void roll() {
        ageDue = Long.MAX_VALUE;
        activate(ready.take(false));
    }

    void start() {
        ready.start();
    }

    /** Ends the thread that makes segments ready. */
    void close() {
        ageDue = Long.MAX_VALUE;
        ready.close();
    }

    /** Waits for that thread and unmaps. The lock is not held. */
    void join() throws IOException {
        ready.join();
        if (mapping != null) {
            mapping.close();
        }
    }
}
