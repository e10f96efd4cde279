package dev.forebay.record;

import dev.forebay.base.ForebayException;
import dev.forebay.journal.JournalException;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * When the journal is trimmed, and which calls wait for that. {@link JournalTrimmer} does the work.
 * A component of {@link BufferState}.
 *
 * <p><b>Guarantee.</b> A pass that fails changes no answer of a commit: it is counted, and made
 * again when the next records leave.
 *
 * <p><b>Limit.</b> Passes need the journal's reserve for their own log. A call that writes to the
 * reserve therefore waits for a pass that is due once the notes since it was due fill a quarter of
 * a segment.
 */
final class TrimSchedule<T> {
    private static final int FREED_PER_PASS = 1024;

    /** What a note takes in the journal, about, in bytes. */
    private static final long NOTE = 96;

    private final EntryLog<T> log;
    private final HeldRecords<T> held;
    private final BatchQueue<T> queue;
    private final DeadLetters<T> dead;
    private final Phase phase;

    /** Wakes the trimmer's thread. */
    private final Condition work;

    /** Wakes the calls that wait for a pass. */
    private final Condition passed;

    /** How often records have left since the last pass. */
    private int freed;

    private boolean wanted;
    private boolean running;
    private boolean ending;

    /** {@link EntryLog#noted} when the pass that is due became due. */
    private long notedWhenWanted;

    /** Passes that went well. */
    private long trims;

    private long failures;

    /** Why the last pass failed; null if it did not. */
    private @Nullable RuntimeException lastFailure;

    TrimSchedule(
            ReentrantLock lock,
            EntryLog<T> log,
            HeldRecords<T> held,
            BatchQueue<T> queue,
            DeadLetters<T> dead,
            Phase phase) {
        this.log = log;
        this.held = held;
        this.queue = queue;
        this.dead = dead;
        this.phase = phase;
        work = lock.newCondition();
        passed = lock.newCondition();
    }

    /** Records have left: a pass is due if that makes room, and every now and then. */
    void freed() {
        freed++;
        if (!wanted && (freed >= FREED_PER_PASS || makesRoom())) {
            wanted = true;
            notedWhenWanted = log.noted();
            work.signal();
        }
    }

    private boolean makesRoom() {
        long live = live();
        return log.frees(live)
                && (dead.needed() >= live
                        || log.areLight(dead.before(live))
                        || log.frees(dead.needed()));
    }

    /** The first record that is neither committed nor dropped, or the next one. */
    long oldestLive() {
        ReleasedBatch<T> batch = queue.oldest();
        return batch == null ? held.first() : batch.first();
    }

    /** The first frame that is needed for records. */
    long live() {
        return log.live(oldestLive(), held.next());
    }

    /** Waits for a pass that is due before more notes fill the reserve. */
    void keepUp() {
        while (isDue() && (log.noted() - notedWhenWanted) * NOTE > log.reserve() / 4) {
            passed.awaitUninterruptibly();
        }
    }

    /**
     * Waits for the pass that is due, if one is, after {@code refusal}. Returns if the disk was
     * full and the pass made room; otherwise throws {@code refusal}.
     */
    void awaitRoomAfter(ForebayException refusal) {
        if (isFull(refusal) && awaitRoom()) {
            return;
        }
        RuntimeException why = lastFailure;
        if (isFull(refusal) && why != null && !why.equals(refusal)) {
            refusal.addSuppressed(why);
        }
        throw refusal;
    }

    private static boolean isFull(ForebayException e) {
        Throwable why = e instanceof RecordException && e.getCause() != null ? e.getCause() : e;
        return why instanceof JournalException journal
                && journal.fault() == JournalException.Fault.NO_SPACE;
    }

    private boolean awaitRoom() {
        long before = trims;
        while (isDue()) {
            passed.awaitUninterruptibly();
        }
        return trims > before;
    }

    private boolean isDue() {
        return (wanted || running) && !phase.hasFailed();
    }

    /** Wakes the calls that wait for a pass, which find that none comes. */
    void wakeWaiters() {
        passed.signalAll();
    }

    long failures() {
        return failures;
    }

    /** Ends the trimmer after the pass that is due. */
    void end() {
        ending = true;
        work.signal();
    }

    /** Waits until a pass is due and begins it; false if there will be none. */
    boolean awaitWork() {
        while (!wanted) {
            if (ending) {
                return false;
            }
            work.awaitUninterruptibly();
        }
        wanted = false;
        running = true;
        return true;
    }

    /** The letters that a pass has to carry, unless they are too many for the reserve. */
    List<DeadLetters.Entry<T>> lettersInTheWay() {
        long live = live();
        List<DeadLetters.Entry<T>> letters = dead.before(live);
        return log.frees(live) && log.areLight(letters) ? letters : List.of();
    }

    /** A pass has counted what left until now. */
    void counted() {
        freed = 0;
    }

    /** The pass is over. */
    void passed(@Nullable RuntimeException failure) {
        running = false;
        lastFailure = failure;
        if (failure == null) {
            trims++;
        } else {
            failures++;
        }
        passed.signalAll();
    }
}
