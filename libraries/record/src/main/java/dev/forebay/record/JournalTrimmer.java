package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trims the journal on a thread of its own, so that no commit waits for the disk work of trimming.
 * A service of {@link BufferState}; {@link TrimSchedule} says when.
 *
 * <p>One pass carries the dead letters that are in the way to the end of the journal, notes the
 * counters, syncs both, and then lets the frames in front of the oldest record go. What goes is not
 * synced before: at {@code WRITTEN} most records never reach the device. The codec runs, and the
 * disk is waited for, with the buffer's lock free.
 */
final class JournalTrimmer<T> {
    /** A letter and its encoded records. */
    private record Encoded<T>(DeadLetters.Entry<T> entry, List<byte[]> records) {}

    /** What a pass appended and may trim. */
    private record Noted(long last, long trim) {}

    private final BufferState<T> in;
    private final JournalAccess<T> journal;

    @GuardedBy("in.lock")
    private final EntryLog<T> log;

    @GuardedBy("in.lock")
    private final TrimSchedule<T> schedule;

    JournalTrimmer(
            BufferState<T> in,
            JournalAccess<T> journal,
            EntryLog<T> log,
            TrimSchedule<T> schedule) {
        this.in = in;
        this.journal = journal;
        this.log = log;
        this.schedule = schedule;
    }

    /** Makes one pass after the other until the schedule ends. */
    void run() {
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
            return schedule.awaitWork();
        } finally {
            in.lock.unlock();
        }
    }

    private void passed(@Nullable RuntimeException failure) {
        in.lock.lock();
        try {
            schedule.passed(failure);
        } finally {
            in.lock.unlock();
        }
        if (failure != null) {
            in.announcer.event(listener -> listener.trimFailed(failure));
        }
        in.announcer.tell();
    }

    private void pass() {
        List<Encoded<T>> letters = new ArrayList<>();
        for (DeadLetters.Entry<T> entry : lettersInTheWay()) {
            letters.add(new Encoded<>(entry, journal.encode(entry.letter())));
        }
        Noted noted = note(letters);
        journal.trim(noted.trim, noted.last);
    }

    private List<DeadLetters.Entry<T>> lettersInTheWay() {
        in.lock.lock();
        try {
            return schedule.lettersInTheWay();
        } finally {
            in.lock.unlock();
        }
    }

    private Noted note(List<Encoded<T>> letters) {
        in.lock.lock();
        try {
            for (Encoded<T> one : letters) {
                if (in.dead.has(one.entry)) { // Else it was replayed or discarded meanwhile.
                    in.dead.put(log.carry(one.entry, one.records));
                }
            }
            long last = log.note(in.accounts.counters(in.held.next()));
            long trim = Math.min(schedule.live(), in.dead.needed());
            log.forgetBefore(schedule.oldestLive());
            schedule.counted();
            return new Noted(last, trim);
        } finally {
            in.lock.unlock();
        }
    }
}
