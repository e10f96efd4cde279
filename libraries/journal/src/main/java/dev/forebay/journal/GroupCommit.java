package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes frames durable: one force answers all appenders that wait for it.
 *
 * <p><b>Guarantee.</b> {@link #await} returns only after a force that began after its frame was
 * complete has ended well, or once the frame was trimmed. If a force fails, or the force thread
 * ends, every waiter throws and the journal is poisoned: no waiter waits for a thread that is gone.
 *
 * <p><b>Limit.</b> A force that hangs in the device holds its waiters, and {@link #close}, as long.
 *
 * <p><b>Who forces.</b> A sync in a virtual thread holds its carrier, so a platform thread of its
 * own forces, the force thread. A platform thread that waits alone forces by itself: that saves two
 * changes of thread, which take as long as a fast sync.
 *
 * <p><b>What a force covers.</b> A force takes, in one step under the lock, the waiters, the list
 * of unsynced files and {@code written}, the last complete frame: its target. Then it syncs the
 * files without the lock. Appenders that come meanwhile wait for the next force, because nothing
 * says whether the sync saw their bytes. The writer announces a new segment with {@link #begin},
 * under the lock, before it stores into it. So a frame at or in front of the target is always in a
 * file of the list, or in one that an earlier force finished. A file that is not the newest gets no
 * more frames; after a force it is closed and leaves the list.
 *
 * <p><b>Gathering.</b> Appenders that were just answered tend to come back at once. If the next
 * force began without them, each would wait for two forces. So the force thread first waits for as
 * many waiters as the last force answered, plus those that came during it, but at most a third of
 * what a force takes. A caller that is alone is never kept waiting: it expects one waiter.
 *
 * <p><b>Threads.</b> Safe for use by many. The lock is a leaf except that {@link JournalState} is
 * told under it; it is not held during a sync.
 */
final class GroupCommit {
    /** More rolled segments than these are synced without being asked, the oldest ones. */
    private static final int MAX_UNSYNCED = 4;

    private static final int LINGER_SHARE = 3;

    /** An appender that waits for a force of the force thread. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean answered;

        void answer() {
            answered = true;
            LockSupport.unpark(thread);
        }
    }

    /** A file that may hold unsynced frames. */
    private record UnsyncedFile(Segment segment, DiskFile file) {}

    /** What one force syncs, and up to which frame it makes durable. */
    private record Force(List<UnsyncedFile> files, boolean newest, long target) {}

    private final Clock clock;
    private final JournalState state;
    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when there is something to force, or the thread is to end. */
    private final Condition work = lock.newCondition();

    /** Signalled when as many waiters as expected are there. */
    private final Condition gathered = lock.newCondition();

    /** Signalled when a force ends. Awaited by {@link #close}. */
    private final Condition idle = lock.newCondition();

    /** In the order of their segments; the last one is the newest. */
    @GuardedBy("lock")
    private final List<UnsyncedFile> unsynced = new ArrayList<>();

    @GuardedBy("lock")
    private List<Waiter> waiting = new ArrayList<>();

    @GuardedBy("lock")
    private boolean forcing;

    @GuardedBy("lock")
    private boolean closing;

    /** True once the force thread takes no more waiters. */
    @GuardedBy("lock")
    private boolean ended;

    /** How many waiters the next force should have. */
    @GuardedBy("lock")
    private int expected = 1;

    /** A moving average. */
    @GuardedBy("lock")
    private long forceNanos;

    /**
     * The last frame that is complete. The writer sets it after the frame's bytes are stored, with
     * release, as {@link Segment#publish} does.
     */
    private final AtomicLong written;

    /** The last frame that is known to be on the device. Grows only, under the lock. */
    private volatile long synced;

    private @Nullable Worker worker;

    GroupCommit(Clock clock, JournalState state, long synced) {
        this.clock = clock;
        this.state = state;
        this.synced = synced;
        this.written = new AtomicLong(synced);
    }

    /** Starts the force thread. Called once, before any other thread knows this object. */
    void start(String name) {
        worker = Worker.platform("forebay-force " + name, this::run, this::fail);
    }

    /** The last frame that survives a power cut. */
    long synced() {
        return synced;
    }

    /** Says that frames up to {@code sequence} are complete. Called by one thread at a time. */
    void written(long sequence) {
        written.setRelease(sequence);
    }

    /** The last frame that is complete. */
    long written() {
        return written.get();
    }

    /** Says that frames go into {@code segment} from now on. */
    void begin(Segment segment, DiskFile file) {
        lock.lock();
        try {
            unsynced.add(new UnsyncedFile(segment, file));
            if (tooManyUnsynced()) {
                work.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean tooManyUnsynced() {
        return unsynced.size() > MAX_UNSYNCED + 1;
    }

    /** Blocks until frame {@code sequence} is synced. An interrupt does not end the wait. */
    void await(long sequence) {
        if (synced >= sequence) {
            return;
        }
        Waiter me = null;
        lock.lock();
        try {
            if (synced >= sequence) {
                return;
            }
            state.checkFault();
            if (mayForceHere()) {
                forceHere();
            } else {
                me = enqueue();
            }
        } finally {
            lock.unlock();
        }
        if (me != null) {
            park(me);
        }
        if (synced < sequence) {
            state.checkFault();
            throw new IllegalStateException("frame %d was answered unsynced".formatted(sequence));
        }
    }

    @GuardedBy("lock")
    private boolean mayForceHere() {
        return !forcing
                && waiting.isEmpty()
                && expected <= 1
                && unsynced.size() == 1
                && !Thread.currentThread().isVirtual();
    }

    /** However the force ends, the force thread takes over those that came during it. */
    @GuardedBy("lock")
    private void forceHere() {
        try {
            force(new Force(List.copyOf(unsynced), true, written.get()), List.of());
        } finally {
            expected = 1 + waiting.size();
            wakeForceThread();
        }
    }

    /** A force of another thread has ended: hands over what came during it, if anything did. */
    @GuardedBy("lock")
    private void wakeForceThread() {
        if (!nothingToForce()) {
            work.signal();
        }
    }

    @GuardedBy("lock")
    private Waiter enqueue() {
        if (ended) {
            throw state.closedException();
        }
        Waiter me = new Waiter();
        waiting.add(me);
        if (!forcing) {
            if (waiting.size() >= expected) {
                gathered.signal();
            }
            if (waiting.size() == 1) {
                work.signal();
            }
        }
        return me;
    }

    private void park(Waiter me) {
        boolean interrupted = false;
        while (!me.answered) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** The force thread. */
    private void run() {
        lock.lock();
        try {
            while (true) {
                while (forcing || nothingToForce()) {
                    if (closing && !forcing) {
                        ended = true;
                        return;
                    }
                    work.awaitUninterruptibly();
                }
                gather();
                // The lock was given up: close may have forced meanwhile, or may do so now.
                if (!forcing && !nothingToForce()) {
                    forceAll(!waiting.isEmpty());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private boolean nothingToForce() {
        return waiting.isEmpty() && (!tooManyUnsynced() || state.isPoisoned());
    }

    /** Gives the lock up while it waits. */
    @GuardedBy("lock")
    private void gather() {
        if (waiting.isEmpty() || waiting.size() >= expected || closing) {
            return;
        }
        long deadline = clock.nanos() + forceNanos / LINGER_SHARE;
        while (waiting.size() < expected && !closing && deadline - clock.nanos() > 0) {
            try {
                clock.await(lock, gathered, deadline);
            } catch (InterruptedException e) {
                return; // An interrupt ends the gathering early; that harms no waiter.
            }
        }
    }

    /**
     * Syncs all files and answers those that wait by now, or only those that are too many. The lock
     * is released during the sync.
     */
    @GuardedBy("lock")
    private void forceAll(boolean newest) {
        List<Waiter> next = new ArrayList<>(waiting.size());
        List<UnsyncedFile> files =
                List.copyOf(
                        newest
                                ? unsynced
                                : unsynced.subList(0, unsynced.size() - MAX_UNSYNCED - 1));
        long target = newest ? written.get() : files.getLast().segment.next() - 1;
        Force force = new Force(files, newest, target);
        List<Waiter> group = waiting;
        waiting = next; // From here to the end of the force nothing may come in between.
        force(force, group);
        if (newest) {
            expected = Math.max(1, group.size() + waiting.size());
        }
    }

    /** Answers {@code group} however it ends. The lock is released during the sync. */
    @GuardedBy("lock")
    private void force(Force force, List<Waiter> group) {
        forcing = true;
        try {
            if (!state.isPoisoned()) {
                long before = clock.nanos();
                syncUnlocked(force.files);
                long took = clock.nanos() - before;
                forceNanos = forceNanos == 0 ? took : forceNanos + (took - forceNanos) / 8;
                synced = Math.max(synced, force.target);
                finish(force);
            }
        } catch (IOException e) {
            state.poison(e);
        } catch (RuntimeException | Error e) {
            state.poison(e);
            throw e;
        } finally {
            forcing = false;
            idle.signalAll();
            for (int i = 0; i < group.size(); i++) { // An iterator would need memory.
                group.get(i).answer();
            }
        }
    }

    /** Gives the lock up while it syncs. */
    @GuardedBy("lock")
    private void syncUnlocked(List<UnsyncedFile> files) throws IOException {
        lock.unlock();
        try {
            for (UnsyncedFile one : files) {
                one.file.sync();
            }
        } finally {
            lock.lock();
        }
    }

    /** Closes the files that get no more frames. */
    @GuardedBy("lock")
    private void finish(Force force) throws IOException {
        List<UnsyncedFile> files = force.files;
        List<UnsyncedFile> full =
                force.newest ? files.subList(0, Math.max(0, files.size() - 1)) : files;
        for (UnsyncedFile one : full) {
            unsynced.remove(one);
            one.file.close();
        }
    }

    /**
     * Syncs the frames from {@code from} to {@code last}, and not those in front, which are about
     * to be trimmed. Waiters are not answered: theirs may be in front.
     */
    void syncFrom(long from, long last) {
        lock.lock();
        try {
            while (forcing && synced < last) {
                idle.awaitUninterruptibly();
            }
            if (synced < last) {
                forcePart(from);
            }
        } finally {
            lock.unlock();
        }
        state.checkFault();
    }

    @GuardedBy("lock")
    private void forcePart(long from) {
        int first = 0;
        while (first < unsynced.size() && unsynced.get(first).segment.next() <= from) {
            first++;
        }
        List<UnsyncedFile> part = List.copyOf(unsynced.subList(first, unsynced.size()));
        try {
            force(new Force(part, true, synced), List.of());
        } finally {
            wakeForceThread();
        }
    }

    /** Says that frames up to {@code sequence} are on the device or were trimmed for good. */
    void raiseSynced(long sequence) {
        lock.lock();
        try {
            synced = Math.max(synced, sequence);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Leaves a trimmed segment out of later forces. If a force is under way, which may have the
     * file in hand, a later force or {@link #close} closes it.
     */
    void forget(Segment segment) {
        lock.lock();
        try {
            for (int i = 0; i < unsynced.size() && !forcing; i++) {
                if (unsynced.get(i).segment == segment) {
                    unsynced.remove(i).file.close();
                }
            }
        } catch (IOException e) {
            state.poison(e);
        } finally {
            lock.unlock();
        }
    }

    /** The force thread threw: no waiter may wait for it any more. */
    private void fail(Throwable cause) {
        state.poison(cause);
        lock.lock();
        try {
            ended = true;
            answerAll();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void answerAll() {
        waiting.forEach(Waiter::answer);
        waiting.clear();
    }

    /**
     * Syncs everything that is written and tells the force thread to end. The caller has seen to it
     * that no more is appended.
     */
    void close() {
        lock.lock();
        try {
            try {
                forceRest();
            } finally {
                closing = true;
                work.signalAll();
                gathered.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void forceRest() {
        while (forcing) {
            idle.awaitUninterruptibly();
        }
        if (!unsynced.isEmpty() && synced < written.get()) {
            forceAll(true);
        }
    }

    /** Blocks until the force thread has ended. */
    void join() {
        if (worker != null) {
            worker.join();
        }
    }

    /** Closes the files. The newest is cut behind its last frame if all of it is synced. */
    void closeFiles(boolean cut) throws IOException {
        lock.lock();
        try (Closing all = new Closing()) {
            for (UnsyncedFile one : unsynced) {
                all.then(one.file::close);
            }
            if (cut && !unsynced.isEmpty()) {
                UnsyncedFile newest = unsynced.getLast();
                newest.file.truncate(newest.segment.end());
                newest.file.sync();
            }
            unsynced.clear();
        } finally {
            lock.unlock();
        }
    }
}
