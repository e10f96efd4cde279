package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.PoisonedException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Answers many waiting appenders with one sync, all of them together.
 *
 * <p>A thread of the platform forces, because a sync in a virtual thread holds its carrier. A
 * platform thread that is alone forces by itself, which saves two changes of thread.
 *
 * <p>Writers that were just answered tend to come back at once. If the next force began without
 * them, they would wait for two; so before it begins, the thread waits a moment for as many as it
 * saw last, at most a fraction of what a force takes.
 */
class GroupCommit {
    /** Rolled segments that may be unsynced before they are synced without being asked. */
    private static final int MAX_UNSYNCED = 4;

    private static final int LINGER_SHARE = 3;

    /** One appender that waits. */
    static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean answered;
    }

    private final Disk disk;
    private final Clock clock;

    /** The journal's lock; guards all fields. */
    private final ReentrantLock lock;

    /** That there is something to force, told to the thread. */
    private final Condition work;

    /** That as many wait as were expected, told to the thread. */
    private final Condition gathered;

    /** That a force ended, told to whoever closes or waits for a whole sync. */
    private final Condition idle;

    private final List<Segment> unsynced = new ArrayList<>();
    private List<Waiter> waiting = new ArrayList<>();
    private boolean forcing;
    private boolean closing;
    private int expected = 1;
    private long forceNanos;
    private long written;
    private long synced;
    private @Nullable IOException fault;
    private final Thread thread;

    GroupCommit(Disk disk, Clock clock, ReentrantLock lock, long synced, String name) {
        this.disk = disk;
        this.clock = clock;
        this.lock = lock;
        this.work = lock.newCondition();
        this.gathered = lock.newCondition();
        this.idle = lock.newCondition();
        this.synced = synced;
        this.written = synced;
        this.thread =
                Thread.ofPlatform().name("forebay-force " + name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The last sequence that is synced. The lock is held. */
    long synced() {
        return synced;
    }

    /** Says that frames up to {@code sequence} are complete. The lock is held. */
    void written(long sequence) {
        written = sequence;
    }

    /** Says that frames go into {@code segment} from now on. The lock is held. */
    void begin(Segment segment) {
        unsynced.add(segment);
        if (unsynced.size() > MAX_UNSYNCED + 1) {
            work.signal();
        }
    }

    /** Throws if a sync failed. The lock is held. */
    void check() {
        IOException cause = fault;
        if (cause != null) {
            throw new PoisonedException(
                    "a sync of this journal failed ("
                            + cause.getMessage()
                            + "); frames behind "
                            + synced
                            + " may not be on the device. Close it and open it again, which reads back what is there",
                    cause);
        }
    }

    void poison(IOException cause) {
        if (fault == null) {
            fault = cause;
        }
    }

    /** Waits until frame {@code sequence} is synced. The lock is held once and released. */
    void awaitAndUnlock(long sequence) {
        if (synced >= sequence) {
            lock.unlock();
            return;
        }
        boolean alone = !forcing && waiting.isEmpty() && expected <= 1;
        if (alone
                && !Thread.currentThread().isVirtual()
                && !Thread.currentThread().isInterrupted()) {
            if (!forceHere()) {
                awaitForce(new Waiter());
                lock.lock();
            }
            if (!waiting.isEmpty()) {
                work.signal();
            }
            try {
                answer(sequence);
            } finally {
                lock.unlock();
            }
            return;
        }
        awaitForce(new Waiter());
        if (fault != null) {
            lock.lock();
            try {
                answer(sequence);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits for the next force of the thread. The lock is held and released. */
    private void awaitForce(Waiter me) {
        waiting.add(me);
        if (!forcing) {
            if (waiting.size() >= expected) {
                gathered.signal();
            }
            if (waiting.size() == 1) {
                work.signal();
            }
        }
        lock.unlock();
        boolean interrupted = false;
        while (!me.answered) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Forces in this thread, through a second opening of the newest file: an interrupt closes a
     * channel, and must not close the one that all depend on. Whether that sync was done is not
     * known then; the thread repeats it through the other opening, to which Linux tells an error of
     * the first one too. The lock is held, released meanwhile, and held again.
     *
     * @return false if an interrupt came in between
     */
    private boolean forceHere() {
        Segment newest = unsynced.getLast();
        if (unsynced.size() > 1) {
            return false;
        }
        forcing = true;
        long target = written;
        long before = clock.nanos();
        IOException failed = fault;
        boolean interrupted = false;
        lock.unlock();
        try {
            if (failed == null) {
                DiskFile second = newest.second;
                if (second == null) {
                    second = disk.open(newest.path, Disk.Access.WRITE);
                    newest.second = second;
                }
                sync(second);
            }
        } catch (ClosedByInterruptException e) {
            interrupted = true;
            newest.second = null;
        } catch (IOException e) {
            failed = e;
        } finally {
            lock.lock();
        }
        if (failed != null) {
            poison(failed);
        } else if (!interrupted) {
            forceNanos = smooth(clock.nanos() - before);
            synced = Math.max(synced, target);
            expected = Math.max(1, 1 + waiting.size());
        }
        forcing = false;
        idle.signalAll();
        return !interrupted;
    }

    private long smooth(long took) {
        return forceNanos == 0 ? took : forceNanos + (took - forceNanos) / 8;
    }

    private void answer(long sequence) {
        if (synced < sequence) {
            check();
            throw new IllegalStateException("frame " + sequence + " was answered unsynced");
        }
    }

    private void run() {
        lock.lock();
        try {
            while (true) {
                while (forcing || idle()) {
                    if (closing && !forcing) {
                        return;
                    }
                    work.awaitUninterruptibly();
                }
                gather();
                force(!waiting.isEmpty());
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean idle() {
        return waiting.isEmpty() && (unsynced.size() <= MAX_UNSYNCED + 1 || fault != null);
    }

    private void gather() {
        if (waiting.isEmpty() || waiting.size() >= expected || closing) {
            return;
        }
        long deadline = clock.nanos() + forceNanos / LINGER_SHARE;
        while (waiting.size() < expected && !closing && deadline - clock.nanos() > 0) {
            try {
                clock.await(lock, gathered, deadline);
            } catch (InterruptedException e) {
                return; // Nobody interrupts this thread; forcing at once is right in any case.
            }
        }
    }

    /**
     * Syncs what is written by now and answers those who wait by now. The lock is held, released
     * meanwhile, and held again.
     */
    private void force(boolean newest) {
        forcing = true;
        List<Waiter> group = waiting;
        waiting = new ArrayList<>(group.size());
        List<Segment> files =
                List.copyOf(newest ? unsynced : unsynced.subList(0, unsynced.size() - 1));
        long target = newest || files.isEmpty() ? written : files.getLast().next - 1;
        long before = clock.nanos();
        IOException failed = fault;
        lock.unlock();
        try {
            if (failed == null) {
                sync(files);
            }
        } catch (IOException e) {
            failed = e;
        } finally {
            lock.lock();
        }
        if (failed == null) {
            forceNanos = smooth(clock.nanos() - before);
            synced = Math.max(synced, target);
            // Whatever was newest may have got more frames meanwhile.
            finish(newest ? files.subList(0, Math.max(0, files.size() - 1)) : files);
        } else {
            poison(failed);
        }
        forcing = false;
        if (newest) {
            expected = Math.max(1, group.size() + waiting.size());
        }
        idle.signalAll();
        for (Waiter waiter : group) {
            waiter.answered = true;
            LockSupport.unpark(waiter.thread);
        }
    }

    private void sync(List<Segment> files) throws IOException {
        for (Segment segment : files) {
            DiskFile file = segment.file;
            if (file != null) {
                sync(file);
            }
        }
    }

    /** Returns once the file is on the device; a broken twin returns before. */
    void sync(DiskFile file) throws IOException {
        file.sync();
    }

    /** Forgets files that got no more frames since their sync began. */
    private void finish(List<Segment> files) {
        unsynced.removeAll(files);
        files.forEach(this::close);
    }

    private void close(Segment segment) {
        DiskFile file = segment.file;
        DiskFile second = segment.second;
        segment.file = null;
        segment.second = null;
        try {
            if (file != null) {
                file.close();
            }
            if (second != null) {
                second.close();
            }
        } catch (IOException e) {
            poison(e);
        }
    }

    /** Syncs everything and ends the thread; further forces are refused. The lock is held. */
    void close() {
        while (forcing) {
            idle.awaitUninterruptibly();
        }
        if (fault == null && synced < written) {
            force(true);
        }
        closing = true;
        work.signalAll();
        gathered.signalAll();
    }

    /** Waits for the end of the thread. The lock is not held. */
    void join() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Leaves a trimmed segment out of later forces; one that a force may have in hand is left to
     * it. The lock is held.
     */
    void forget(Segment segment) {
        if (!forcing && unsynced.remove(segment)) {
            close(segment);
        }
    }

    boolean healthy() {
        return fault == null;
    }

    /** What may still be open. The lock is held. */
    List<Segment> unsynced() {
        return unsynced;
    }
}
