package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Closing;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.Worker;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has pages of the mapping in memory before the appender comes to them, and closes the mappings of
 * segments that are full.
 *
 * <p>The first store into a page waits for the file system, and on a fresh file until the page was
 * cleared: for frames of 100 bytes that takes longer than the frames themselves. The warmer stays a
 * little ahead, in the segment that is written to and in the next, unless the appender is faster.
 *
 * <p><b>For stores or for reading.</b> A page that was made ready to be stored into is written by
 * the next sync, also if no frame is in it yet. So in a journal that is synced often pages are only
 * read, and each first store waits a microsecond or two. A trim syncs once in many MiB: then pages
 * are made ready for half as many bytes as were appended since the last sync, so that syncs never
 * write more than half as much again; and none in the next segment, whose first frames a trim
 * syncs.
 *
 * <p><b>Guarantee.</b> A mapping that was handed over stays open until the worker is done with it.
 * A page that cannot be read poisons the journal, unless an append came to it first.
 *
 * <p><b>Threads.</b> Safe for use by many. The worker alone warms and unmaps. The lock is a leaf
 * and not held meanwhile.
 */
final class PageWarmer {
    /** How much is appended between two calls of {@link #advance}. */
    static final long STEP = 4 << 20;

    private static final long AHEAD = 6 * STEP;
    private static final long LONGEST = 2 * STEP;

    /** A mapped segment, and up to which offset its pages are in memory, also for stores. */
    private static final class WarmedSegment {
        private final MappedSegment mapped;
        private long readable;
        private long storable;

        WarmedSegment(MappedSegment mapped) {
            this.mapped = mapped;
        }
    }

    /** Pages to be warmed, to be stored into or only read. */
    record Stretch(MappedSegment mapped, long from, long to, boolean forStores) {
        /** A small segment is full before its zeros have saved anything. */
        boolean isWorthZeros() {
            return forStores && mapped.fresh() && mapped.segment().size() >= STEP;
        }
    }

    private final JournalState state;
    private final PageFiller filler;
    private final Supplier<@Nullable MappedSegment> next;
    private final LongSupplier synced;
    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when there may be pages to warm or a mapping to close. */
    private final Condition wanted = lock.newCondition();

    /** The segment that is written to, once there was cause to be ahead of it. */
    @GuardedBy("lock")
    private @Nullable WarmedSegment filling;

    /** The segment after that, as far as it is known. */
    @GuardedBy("lock")
    private @Nullable WarmedSegment following;

    /** The first frame of the segment in front of {@code filling}, if there was one. */
    @GuardedBy("lock")
    private long recent;

    /** The last synced frame when {@link #coldest} last looked. */
    @GuardedBy("lock")
    private long seenSynced;

    /** The offset in {@code filling} behind which no sync was seen. */
    @GuardedBy("lock")
    private long unsyncedFrom;

    @GuardedBy("lock")
    private final ArrayDeque<DiskMapping> full = new ArrayDeque<>();

    @GuardedBy("lock")
    private boolean closing;

    private @Nullable Worker worker;

    /**
     * @param filler fills pages of new files that are to be stored into
     * @param next gives the segment that the next roll goes to, or null
     * @param synced gives the last frame that is synced
     */
    PageWarmer(
            JournalState state,
            PageFiller filler,
            Supplier<@Nullable MappedSegment> next,
            LongSupplier synced) {
        this.state = state;
        this.filler = filler;
        this.next = next;
        this.synced = synced;
    }

    /** Starts the worker. Called once, before any other thread knows this object. */
    void start(String name) {
        worker = Worker.platform("forebay-warm " + name, this::run, state::poison);
    }

    /** Says that the appender has come a step further in {@code active}. */
    void advance(MappedSegment active) {
        lock.lock();
        try {
            if (filling == null) {
                filling = new WarmedSegment(active);
                recent = active.segment().first();
            }
            wanted.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Says that the appender has gone on to {@code active}, and hands the last mapping over. */
    void roll(MappedSegment active, @Nullable MappedSegment last) {
        lock.lock();
        try {
            if (filling != null) {
                recent = filling.mapped.segment().first();
                filling = known(active);
                following = null;
                unsyncedFrom = 0;
            }
            if (last != null) {
                full.add(last.mapping());
                wanted.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private WarmedSegment known(MappedSegment mapped) {
        WarmedSegment before = following;
        return before != null && before.mapped.equals(mapped) ? before : new WarmedSegment(mapped);
    }

    /** The worker. */
    private void run() throws IOException {
        lock.lock();
        try {
            while (!closing) {
                DiskMapping unused = full.peek();
                Stretch cold = unused == null ? coldest() : null;
                if (unused != null) {
                    full.remove();
                    unmapUnlocked(unused);
                } else if (cold != null) {
                    warmUnlocked(cold);
                    warmed(cold);
                } else {
                    wanted.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives the lock up: unmapping a large segment takes a while. */
    @GuardedBy("lock")
    private void unmapUnlocked(DiskMapping mapping) {
        lock.unlock();
        try {
            mapping.close();
        } finally {
            lock.lock();
        }
    }

    /** Gives the lock up while it waits for pages. */
    @GuardedBy("lock")
    private void warmUnlocked(Stretch cold) throws IOException {
        lock.unlock();
        try {
            warm(cold);
        } finally {
            lock.lock();
        }
    }

    /** Notes that the pages of {@code cold} are in memory. */
    @GuardedBy("lock")
    void warmed(Stretch cold) {
        for (WarmedSegment one : new WarmedSegment[] {filling, following}) {
            if (one != null && one.mapped.equals(cold.mapped)) {
                one.readable = Math.max(one.readable, cold.to);
                one.storable = cold.forStores ? cold.to : one.storable;
            }
        }
    }

    /** What is to be warmed next; null if nothing is. */
    @GuardedBy("lock")
    @Nullable Stretch coldest() {
        WarmedSegment now = filling;
        if (now == null) {
            return null;
        }
        Segment segment = now.mapped.segment();
        long end = segment.end();
        now.readable = Math.max(now.readable, end);
        now.storable = Math.max(now.storable, end);
        boolean unsynced = isUnsynced(end);
        long stores = unsynced ? AHEAD : Math.min(AHEAD, (end - unsyncedFrom) / 2);
        Stretch here = stretch(now, end + stores, true);
        if (here == null) {
            here = stretch(now, end + AHEAD, false);
        }
        if (here != null) {
            return here;
        }
        MappedSegment ready = next.get();
        if (ready == null || ready.equals(now.mapped)) {
            return null;
        }
        following = known(ready);
        return stretch(following, end + AHEAD - segment.size(), unsynced);
    }

    /** True if no sync was seen in this segment and the one in front. Notes where one was. */
    @GuardedBy("lock")
    private boolean isUnsynced(long end) {
        long now = synced.getAsLong();
        if (now != seenSynced) {
            seenSynced = now;
            unsyncedFrom = end;
        }
        return now < recent;
    }

    @GuardedBy("lock")
    private @Nullable Stretch stretch(WarmedSegment one, long ahead, boolean forStores) {
        long warm = forStores ? one.storable : one.readable;
        long size = one.mapped.segment().size();
        long to = Math.min(Math.min(size, ahead), warm + LONGEST);
        boolean worthAStep = to - warm >= STEP || to == size;
        return warm < to && worthAStep ? new Stretch(one.mapped, warm, to, forStores) : null;
    }

    /** Warms in pieces, so that an appender that comes to a page meanwhile waits for one piece. */
    private void warm(Stretch cold) throws IOException {
        long bytes;
        for (long at = cold.from; at < cold.to; at += bytes) {
            bytes = Math.min(PageFiller.PIECE - at % PageFiller.PIECE, cold.to - at);
            if (cold.isWorthZeros()) {
                filler.fill(cold.mapped, at, at + bytes);
            }
            try {
                cold.mapped.mapping().warm(at, bytes, cold.forStores);
            } catch (IOException e) {
                throw new IOException(
                        "a page of %s from %d to %d cannot be read: %s"
                                .formatted(
                                        cold.mapped.segment().path, at, at + bytes, e.getMessage()),
                        e);
            }
        }
    }

    /** Tells the worker to end. */
    void close() {
        lock.lock();
        try {
            closing = true;
            wanted.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until the worker has ended. */
    void join() {
        if (worker != null) {
            worker.join();
        }
    }

    /** Closes the mappings of full segments that are left. */
    void closeMappings() throws IOException {
        lock.lock();
        try (Closing all = new Closing()) {
            full.forEach(mapping -> all.then(mapping::close));
            full.clear();
        } finally {
            lock.unlock();
        }
    }
}
