package dev.forebay.record;

import dev.forebay.base.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * Trims the journal on a thread of its own, so that no commit waits for the disk work of trimming.
 *
 * <p>One pass carries the dead letters that are in the way to the end of the journal, notes the
 * counters, syncs both, and then lets the frames in front of the oldest record go.
 *
 * <p><b>Guarantee.</b> The codec runs, and the disk is waited for, with the buffer's lock free. A
 * pass that fails changes no answer of a commit: it is counted, told to the listeners, and made
 * again when the next records leave.
 *
 * <p><b>Limit.</b> Passes need the journal's reserve for their own log. A call that writes to the
 * reserve therefore waits for a pass that is due once the notes since it was due fill a quarter of
 * a segment.
 *
 * <p>Methods are called with the buffer's lock held, except where they say otherwise.
 */
final class JournalTrimmer<T> {
    private static final int FREED_PER_PASS = 1024;

    /** What a note takes in the journal, about, in bytes. */
    private static final long NOTE = 96;

    private final BufferState<T> in;
    private final EntryLog<T> log;
    private final Condition work;
    private final Condition passed;
    private @Nullable Worker worker;

    private int freed;
    private boolean wanted;
    private boolean running;
    private boolean ending;
    private long notedWhenWanted;
    private long trims;
    private long failures;

    /** Why the last pass failed; null if it did not. */
    private @Nullable RuntimeException lastFailure;

    JournalTrimmer(BufferState<T> in, EntryLog<T> log) {
        this.in = in;
        this.log = log;
        work = in.lock.newCondition();
        passed = in.lock.newCondition();
    }

    void start() {
        worker = Worker.platform("forebay-record-trimmer", this::run, in::failed);
    }

    /** Records have left: asks for a pass if that makes room, and every now and then. */
    void freed() {
        freed++;
        if (!wanted && (freed >= FREED_PER_PASS || makesRoom())) {
            wanted = true;
            notedWhenWanted = log.noted();
            work.signal();
        }
    }

    private boolean makesRoom() {
        long live = log.live(in.oldestLive(), in.held.next());
        return log.frees(live)
                && (in.dead.needed() >= live
                        || log.areLight(in.dead.before(live))
                        || log.frees(in.dead.needed()));
    }

    /** Waits for a pass that is due before more notes fill the reserve. */
    void keepUp() {
        while (due() && (log.noted() - notedWhenWanted) * NOTE > log.reserve() / 4) {
            passed.awaitUninterruptibly();
        }
    }

    /** Waits for the pass that is due, if one is; whether it made room. */
    boolean awaitRoom() {
        long before = trims;
        while (due()) {
            passed.awaitUninterruptibly();
        }
        return trims > before;
    }

    private boolean due() {
        return (wanted || running) && in.failure == null;
    }

    /** Lets those go on who wait for a pass that does not come. */
    void wakeWaiters() {
        passed.signalAll();
    }

    long failures() {
        return failures;
    }

    @Nullable RuntimeException lastFailure() {
        return lastFailure;
    }

    /** Whether the calling thread is the trimmer's. */
    boolean isCurrent() {
        return worker != null && worker.isCurrent();
    }

    /** Ends the thread after the pass that is due, and waits for its end. The lock is free. */
    void close() {
        in.lock.lock();
        try {
            ending = true;
            work.signal();
        } finally {
            in.lock.unlock();
        }
        if (worker != null) {
            worker.join();
        }
    }

    private void run() {
        while (awaitWork()) {
            RuntimeException failure = null;
            try {
                pass();
            } catch (RuntimeException e) {
                failure = e;
            }
            passed(failure);
        }
    }

    private boolean awaitWork() {
        in.lock.lock();
        try {
            while (!wanted) {
                if (ending) {
                    return false;
                }
                work.awaitUninterruptibly();
            }
            wanted = false;
            running = true;
            return true;
        } finally {
            in.lock.unlock();
        }
    }

    private void passed(@Nullable RuntimeException failure) {
        in.lock.lock();
        try {
            running = false;
            lastFailure = failure;
            if (failure == null) {
                trims++;
            } else {
                failures++;
                in.announcer.event(listener -> listener.trimFailed(failure));
            }
            passed.signalAll();
        } finally {
            in.lock.unlock();
        }
        in.announcer.tell();
    }

    private void pass() {
        List<Encoded<T>> letters = new ArrayList<>();
        for (DeadLetters.Entry<T> entry : inTheWay()) {
            letters.add(new Encoded<>(entry, log.encode(entry.letter())));
        }
        long trim;
        long last;
        in.lock.lock();
        try {
            for (Encoded<T> one : letters) {
                if (in.dead.has(one.entry)) { // Else it was replayed or discarded meanwhile.
                    in.dead.put(log.carry(one.entry, one.records));
                }
            }
            last = log.note(in.accounts.counters(in.held.next()));
            trim = Math.min(log.live(in.oldestLive(), in.held.next()), in.dead.needed());
            log.forgetBefore(in.oldestLive());
            freed = 0;
        } finally {
            in.lock.unlock();
        }
        log.sync(last);
        log.trim(trim);
    }

    /** A letter and its encoded records. */
    private record Encoded<T>(DeadLetters.Entry<T> entry, List<byte[]> records) {}

    /** The letters to be carried, unless they are too many for the reserve. */
    private List<DeadLetters.Entry<T>> inTheWay() {
        in.lock.lock();
        try {
            long live = log.live(in.oldestLive(), in.held.next());
            List<DeadLetters.Entry<T>> letters = in.dead.before(live);
            return log.frees(live) && log.areLight(letters) ? letters : List.of();
        } finally {
            in.lock.unlock();
        }
    }
}
