package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.NoSpaceException;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.journal.Warming.Stretch;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps empty segments ready ahead, so that a roll is a change of a field, and meets a full disk
 * here instead of in mid-append. One thread of the platform makes them, closes the mappings of
 * those that are full, has pages ready before they are needed, and rolls a segment that is too old.
 */
final class ReadyQueue {
    /** What the journal does when its segment is too old, with the lock held. */
    interface Ageing {
        /** The time on the clock at which to roll, or {@link Long#MAX_VALUE}. */
        long dueNanos();

        void roll();
    }

    private final Clock clock;
    private final Store store;
    private final JournalSettings settings;

    /** The journal's lock; guards all fields. */
    private final ReentrantLock lock;

    /** That something is to be made, told to the thread. */
    private final Condition wanted;

    /** That an attempt ended, told to an appender that needs a segment. */
    private final Condition attempted;

    private final Ageing ageing;
    private final Warming warming;
    private final GroupCommit commit;
    private final ArrayDeque<Segment> ready = new ArrayDeque<>();
    private final List<DiskMapping> full = new ArrayList<>();
    private final Thread thread;
    private long nextNumber;

    /** Attempts to make a segment that began, and of those the last that ended. */
    private long begun;

    private long ended;
    private boolean paused;

    /** Whether the segment that is written to was the reserve, and no other is ready. */
    private boolean borrowed;

    private boolean closing;
    private @Nullable IOException failed;

    ReadyQueue(
            Clock clock,
            Store store,
            JournalSettings settings,
            ReentrantLock lock,
            GroupCommit commit,
            Ageing ageing,
            long nextNumber) {
        this.clock = clock;
        this.store = store;
        this.warming = new Warming();
        this.settings = settings;
        this.lock = lock;
        this.wanted = lock.newCondition();
        this.attempted = lock.newCondition();
        this.commit = commit;
        this.ageing = ageing;
        this.nextNumber = nextNumber;
        this.borrowed = settings.reserve();
        this.thread =
                Thread.ofPlatform()
                        .name("forebay-ready " + store.directory.getFileName())
                        .daemon()
                        .unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Looks again, because a deadline was set. The lock is held. */
    void wake() {
        wanted.signal();
    }

    /** Makes pages ready ahead of where {@code active} is filled. The lock is held. */
    void warm(Segment active) {
        warming.begin(active);
        wanted.signal();
    }

    /**
     * Says that frames go into {@code active} from now on. Leaves the unmapping of the last one,
     * which takes a while, to the thread. The lock is held.
     */
    void rolled(Segment active, @Nullable DiskMapping last) {
        warming.roll(active);
        if (last != null) {
            full.add(last);
            wanted.signal();
        }
    }

    /**
     * The next empty segment, waiting for it if there is none yet; the last one goes only to an
     * append {@code fromReserve}. The lock is held, and released while waiting.
     */
    Segment take(boolean fromReserve) {
        await(settings.reserve() && !fromReserve ? 2 : 1);
        wanted.signal();
        Segment next = ready.removeFirst();
        borrowed = settings.reserve() && ready.isEmpty();
        return next;
    }

    /** Whether only appends from the reserve have room. */
    boolean borrowed() {
        return borrowed;
    }

    /** Returns once the reserve is back. The lock is held, and released while waiting. */
    void awaitReserve() {
        await(1);
        borrowed = false;
    }

    private void await(int count) {
        long asked = begun; // One under way may have missed the room that was freed since.
        paused = false;
        while (ready.size() < count) {
            commit.check();
            IOException cause = failed;
            if (cause != null && ended > asked) {
                throw failure(cause);
            }
            if (closing) {
                throw new JournalException(Fault.CLOSED, "the journal is closed", null);
            }
            paused = false;
            wanted.signal();
            attempted.awaitUninterruptibly();
        }
    }

    /** Puts back what {@link #take} gave. The lock is held. */
    void giveBack(Segment segment) {
        ready.addFirst(segment);
        borrowed = false;
    }

    private JournalException failure(IOException cause) {
        return cause instanceof NoSpaceException
                ? new JournalException(
                        Fault.NO_SPACE,
                        "no room for the next segment of "
                                + settings.segmentBytes()
                                + " in "
                                + store.directory
                                + "; free some, trim the journal or choose smaller segments, and append again",
                        cause)
                : new JournalException(
                        Fault.FAILED,
                        "no segment could be made in " + store.directory + ": " + cause,
                        cause);
    }

    private void run() {
        lock.lock();
        try {
            while (!closing) {
                Stretch cold;
                if (!full.isEmpty()) {
                    unmap();
                } else if (ready.size() < settings.ready() && !paused) {
                    attempt();
                } else if ((cold = warming.coldest(ready, commit.synced())) != null) {
                    warm(cold);
                } else {
                    await();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void unmap() {
        List<DiskMapping> mappings = List.copyOf(full);
        full.clear();
        lock.unlock();
        try {
            mappings.forEach(DiskMapping::close);
        } finally {
            lock.lock();
        }
    }

    /** Only this thread unmaps, so that the mapping stays meanwhile. */
    private void warm(Stretch cold) {
        DiskMapping mapping = Objects.requireNonNull(cold.segment().mapping);
        IOException cause = null;
        lock.unlock();
        try {
            Warming.warm(mapping, cold);
        } catch (IOException e) {
            cause = e;
        } finally {
            lock.lock();
        }
        cold.segment().warm = cold.to();
        if (cause != null) {
            commit.poison(cause); // An append there would end in a signal.
        }
    }

    private void await() {
        long due = ageing.dueNanos();
        if (due == Long.MAX_VALUE) {
            awaitWork();
        } else if (due - clock.nanos() > 0) {
            try {
                clock.await(lock, wanted, due);
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts this thread", e);
            }
        } else {
            ageing.roll();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // The caller loops.
    private void awaitWork() {
        wanted.awaitUninterruptibly();
    }

    private void attempt() {
        long number = nextNumber++;
        begun++;
        IOException cause = null;
        Segment made = null;
        lock.unlock();
        try {
            made = store.prepare(number, settings.segmentBytes().bytes());
        } catch (IOException e) {
            cause = e;
        } finally {
            lock.lock();
        }
        if (made != null) {
            ready.add(made);
        } else {
            paused = true;
        }
        if (cause instanceof Store.SyncFailed) {
            commit.poison(cause);
        }
        failed = cause;
        ended = begun;
        attempted.signalAll();
    }

    /** Whether a segment is ready for any append. */
    boolean hasNext() {
        return ready.size() > (settings.reserve() ? 1 : 0);
    }

    /** Ends the thread. The lock is held. */
    void close() {
        closing = true;
        wanted.signalAll();
        attempted.signalAll();
    }

    /** Waits for the thread and gives up what is ready. The lock is not held. */
    void join() throws IOException {
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
        full.forEach(DiskMapping::close);
        for (Segment segment : ready) {
            if (segment.mapping != null) {
                segment.mapping.close();
            }
            if (segment.file != null) {
                segment.file.close();
            }
        }
    }
}
