package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Closing;
import dev.forebay.base.NoSpaceException;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.journal.JournalDirectory.SyncFailed;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.journal.SegmentIndex.Freed;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes empty segments ahead, so that a roll is a change of a field, and so that a full disk is met
 * here and not in the middle of an append.
 *
 * <p><b>Guarantee.</b> With a reserve, the last ready segment goes only to an append from the
 * reserve, and after that no other append has room until there is a reserve again.
 *
 * <p><b>Why ahead.</b> To make a segment takes a few disk calls that wait for the file system: its
 * blocks are reserved, its header is synced, it gets its name, the directory is synced. While much
 * is appended, each of these syncs takes tens of milliseconds. An appender that rolls takes a
 * segment that has all this behind it, and makes no disk call itself.
 *
 * <p><b>From spares.</b> {@link SegmentFiles} makes a segment from the file of a trimmed one if
 * there is a spare: its blocks are reserved and its pages may still be in memory. Without a spare
 * it makes a new file. A full disk is met when the blocks are reserved. Then the appends go on in
 * the segments that are ready; the one that finds none throws, and asks for another attempt.
 *
 * <p><b>How many, how large.</b> A journal begins with a segment of 256 KiB and one ready behind
 * it. Each segment is made four times as large as the one that is written to, up to the size of the
 * settings. An opening begins with an eighth of the largest one that is kept, because it waits for
 * that segment and a large one takes 20 ms. From the first roll on there are as many ready as the
 * settings say. So a journal that is hardly used takes 1.25 MiB, one with a reserve 2.25 MiB, and
 * one that is busy has its full segments ready after four rolls. Under full load a segment is
 * filled in the time in which one is made. So each attempt counts how many segments were taken
 * while it ran, and the next one makes two more for each of them, up to eight ready ones, in one
 * call that shares its syncs. When the load is gone, the count is back at what the settings say;
 * segments that are ready stay so until they are used.
 *
 * <p><b>Threads.</b> Safe for use by many. A worker makes the segments. The lock is a leaf. It is
 * not held during disk calls, except at the opening and the closing.
 */
final class SegmentSupply {
    private static final long SMALLEST_FIRST = 256 << 10;
    private static final int GROWTH = 4;

    /** The part of the largest segment that is kept with which an opening begins. */
    private static final int PART = 8;

    /** The most that are made ready because many are taken; the settings may say more. */
    private static final int MOST_READY = 8;

    private final SegmentFiles files;
    private final JournalDirectory directory;
    private final JournalSettings settings;
    private final JournalState state;

    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when a segment is to be made, or the worker is to end. */
    private final Condition wanted = lock.newCondition();

    /** Signalled when an attempt ended. Awaited by an append that needs a segment. */
    private final Condition attempted = lock.newCondition();

    @GuardedBy("lock")
    private final ArrayDeque<MappedSegment> ready = new ArrayDeque<>();

    /** Ready segments that turned out to be too small for an append. */
    @GuardedBy("lock")
    private final List<MappedSegment> tooSmall = new ArrayList<>();

    /** A segment that was taken and got no frame. */
    @GuardedBy("lock")
    private @Nullable Segment unused;

    @GuardedBy("lock")
    private long nextNumber;

    /** The size of the next segment to be made. */
    @GuardedBy("lock")
    private long nextBytes;

    /** How many segments are to be ready. */
    @GuardedBy("lock")
    private int target;

    /** True from the first roll on. */
    @GuardedBy("lock")
    private boolean rolled;

    /** How many segments were taken since the last attempt began. */
    @GuardedBy("lock")
    private int taken;

    /** How many attempts to make a segment have begun; they end in this order. */
    @GuardedBy("lock")
    private long begun;

    /** The number of the last attempt that ended. */
    @GuardedBy("lock")
    private long ended;

    /** Why the last attempt failed; null if it did not. */
    @GuardedBy("lock")
    private @Nullable IOException failed;

    /** True after a failed attempt, until an append asks for a segment. */
    @GuardedBy("lock")
    private boolean paused;

    /** True while the segment that is written to is the reserve and no other is ready. */
    @GuardedBy("lock")
    private boolean borrowed;

    @GuardedBy("lock")
    private boolean closing;

    private @Nullable Worker worker;

    SegmentSupply(
            SegmentFiles files,
            JournalDirectory directory,
            JournalSettings settings,
            JournalState state,
            long firstNumber,
            long largest) {
        this.files = files;
        this.directory = directory;
        this.settings = settings;
        this.state = state;
        this.nextNumber = firstNumber;
        this.nextBytes =
                clamped(Math.max(SMALLEST_FIRST, 2 * Long.highestOneBit(largest - 1) / PART));
        this.target = settings.reserve() ? 2 : 1;
        this.borrowed = settings.reserve();
    }

    private long clamped(long bytes) {
        return Math.min(bytes, settings.segmentBytes().bytes());
    }

    /**
     * Starts the worker. Called once, before any other thread knows this object.
     *
     * @param onReady told after an attempt to make a segment
     */
    void start(String name, Runnable onReady) {
        worker = Worker.platform("forebay-ready " + name, () -> run(onReady), this::fail);
    }

    /**
     * Makes the first segment on the calling thread, before the worker runs. With a reserve a
     * smaller one will do if the disk is full: it is for notes that make room.
     */
    MappedSegment first() throws IOException {
        lock.lock();
        try {
            long number = nextNumber++;
            long bytes = nextBytes;
            while (true) {
                try {
                    MappedSegment made = make(number, bytes, 1).getFirst();
                    nextBytes = clamped(nextBytes * GROWTH);
                    return made;
                } catch (NoSpaceException e) {
                    bytes /= 2;
                    if (!settings.reserve() || bytes < JournalSettings.SMALLEST.bytes()) {
                        throw e;
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next empty segment with room for {@code bytes}. Blocks until there is one or an attempt
     * to make it has failed.
     */
    MappedSegment take(long bytes, boolean fromReserve) {
        lock.lock();
        try {
            target = Math.max(target, settings.ready());
            int count = settings.reserve() && !fromReserve ? 2 : 1;
            while (true) {
                awaitReady(count, bytes);
                MappedSegment next = ready.removeFirst();
                taken++;
                rolled = true;
                wanted.signal();
                if (room(next) >= bytes) {
                    borrowed = settings.reserve() && ready.isEmpty();
                    nextBytes = Math.max(nextBytes, clamped(next.segment().size() * GROWTH));
                    return next;
                }
                tooSmall.add(next);
            }
        } finally {
            lock.unlock();
        }
    }

    private static long room(MappedSegment mapped) {
        return mapped.segment().size() - Layout.HEADER;
    }

    /** True if only appends from the reserve have room. */
    boolean isBorrowed() {
        lock.lock();
        try {
            return borrowed;
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until there is a reserve again, or an attempt to make it has failed. */
    void awaitReserve() {
        lock.lock();
        try {
            awaitReady(1, 0);
            borrowed = false;
        } finally {
            lock.unlock();
        }
    }

    /** How much room the reserve has at least. */
    long reserveBytes() {
        lock.lock();
        try {
            long least = nextBytes;
            for (MappedSegment one : ready) {
                least = Math.min(least, one.segment().size());
            }
            return least;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void awaitReady(int count, long bytes) {
        while (nextBytes - Layout.HEADER < bytes) {
            nextBytes = clamped(nextBytes * GROWTH);
        }
        long asked = begun; // An attempt under way may have missed the room that was freed since.
        paused = false;
        while (ready.size() < count) {
            state.check();
            IOException cause = failed;
            if (cause != null && ended > asked) {
                throw failure(cause);
            }
            paused = false;
            target = Math.max(target, count);
            wanted.signal();
            attempted.awaitUninterruptibly();
        }
    }

    private JournalException failure(IOException cause) {
        return cause instanceof NoSpaceException
                ? new JournalException(
                        Fault.NO_SPACE,
                        "no room for the next segment of up to %s in %s; free some, trim the journal or choose smaller segments, and append again"
                                .formatted(settings.segmentBytes(), directory.path),
                        cause)
                : new JournalException(
                        Fault.FAILED,
                        "no segment could be made in %s: %s"
                                .formatted(directory.path, Reason.of(cause)),
                        cause);
    }

    /** True if a segment is ready for any append. */
    boolean hasNext() {
        lock.lock();
        try {
            return ready.size() > (settings.reserve() ? 1 : 0);
        } finally {
            lock.unlock();
        }
    }

    /** The segment that the next roll goes to; null if there is none yet. */
    @Nullable MappedSegment peek() {
        lock.lock();
        try {
            return ready.peekFirst();
        } finally {
            lock.unlock();
        }
    }

    /** The worker. */
    private void run(Runnable onReady) {
        lock.lock();
        try {
            while (!closing) {
                if (ready.size() < target && !paused) {
                    attempt();
                    tellUnlocked(onReady);
                } else {
                    wanted.awaitUninterruptibly();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes what is missing. The more segments were taken during the last attempt, the more are to
     * be ready: under full load an attempt takes as long as a segment is filled.
     */
    @GuardedBy("lock")
    private void attempt() {
        int count = target - ready.size();
        long number = nextNumber;
        nextNumber += count;
        taken = 0;
        begun++;
        try {
            ready.addAll(makeUnlocked(number, nextBytes, count));
            failed = null;
            if (rolled) {
                target =
                        Math.max(
                                settings.ready(),
                                Math.min(settings.ready() + 2 * taken, MOST_READY));
            }
        } catch (IOException e) {
            if (e instanceof SyncFailed) {
                state.poison(e);
            }
            failed = e;
            paused = true;
        }
        ended = begun;
        attempted.signalAll();
    }

    private List<MappedSegment> make(long number, long bytes, int count) throws IOException {
        return files.make(number, bytes, settings.segmentBytes().bytes(), count);
    }

    /** Gives the lock up while it makes segments. */
    @GuardedBy("lock")
    private List<MappedSegment> makeUnlocked(long number, long bytes, int count)
            throws IOException {
        lock.unlock();
        try {
            return make(number, bytes, count);
        } finally {
            lock.lock();
        }
    }

    /** Gives the lock up, because {@code onReady} takes a lock of its own. */
    @GuardedBy("lock")
    private void tellUnlocked(Runnable onReady) {
        lock.unlock();
        try {
            onReady.run();
        } finally {
            lock.lock();
        }
    }

    /** The worker threw: an append that waits for a segment, and later ones, throw. */
    private void fail(Throwable cause) {
        state.poison(cause);
        lock.lock();
        try {
            attempted.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells the worker to end, and those that wait for a segment that the journal is closed. */
    void close() {
        lock.lock();
        try {
            closing = true;
            wanted.signalAll();
            attempted.signalAll();
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

    /** Takes back a segment that got no frame; its file and its mapping are closed. */
    void giveBack(Segment segment) {
        lock.lock();
        try {
            unused = segment;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Closes the segments that are ready. Their files become spares, and that of a segment that was
     * given back: old bytes in a segment would be searched by the next opening, which takes 10 ms
     * for 64 MiB.
     *
     * @param retire false to leave them as they are, for a journal that is poisoned
     */
    void closeFiles(boolean retire) throws IOException {
        lock.lock();
        try (Closing all = new Closing()) {
            List<Freed> spare = new ArrayList<>();
            if (unused != null) {
                spare.add(new Freed(unused, true));
            }
            ready.addAll(tooSmall);
            for (MappedSegment one : ready) {
                all.then(one::close);
                spare.add(new Freed(one.segment(), true));
            }
            if (retire && !spare.isEmpty()) {
                all.then(() -> files.retire(spare, settings.spares() + settings.ready()));
            }
            ready.clear();
            tooSmall.clear();
        } finally {
            lock.unlock();
        }
    }
}
