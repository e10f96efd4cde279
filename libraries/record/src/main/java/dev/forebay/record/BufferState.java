package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.journal.Journal;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The lock of one buffer, and the components that it guards.
 *
 * <p><b>The rule of locking.</b> A <em>component</em> has state of its own and knows nothing of who
 * locks it. It is reached only through a field that is guarded by {@link #lock}, or from another
 * component. A <em>service</em> ({@link Admission}, {@link Handover}, {@link DeadLetterDesk},
 * {@link Lifetime}, {@link JournalTrimmer}, and {@link RecordBuffer}) has no state that changes.
 * Its methods are called with the lock free and take it; those that are called with it held say so
 * with {@code @GuardedBy("in.lock")}. Error Prone checks that no service touches a component
 * without the lock.
 *
 * <p>With the lock held, entries are copied into the journal, and conditions of {@code
 * matchingHeld} run. Codecs, sizers, other conditions, listeners, outlets, and waits for the disk
 * run with it free: {@link JournalAccess}, {@link Announcer} and {@link TurnList#add} are safe for
 * use by many threads without it. The lock comes before theirs and before the journal's own.
 */
final class BufferState<T> {
    final RecordBufferBuilder<T> with;
    final Clock clock;
    final ReentrantLock lock = new ReentrantLock();
    final Announcer announcer;
    final Predicates<T> predicates;

    /** Null in memory. */
    final @Nullable JournalAccess<T> journal;

    /** Whether a call waits for the sync of its entry. */
    final boolean syncs;

    /** Whether a commit waits for its sync. */
    final boolean syncsCommits;

    @GuardedBy("lock")
    final HeldRecords<T> held;

    @GuardedBy("lock")
    final BatchQueue<T> queue;

    @GuardedBy("lock")
    final Accounts accounts = new Accounts();

    @GuardedBy("lock")
    final DeadLetters<T> dead;

    @GuardedBy("lock")
    final Phase phase = new Phase();

    @GuardedBy("lock")
    final Waiters waiters;

    @GuardedBy("lock")
    final Releaser<T> releaser;

    /** Null unless the trigger has a time. */
    @GuardedBy("lock")
    final @Nullable ReleaseTimer<T> timer;

    /** Null in memory. */
    @GuardedBy("lock")
    final @Nullable EntryLog<T> log;

    /** Null in memory. */
    @GuardedBy("lock")
    final @Nullable TrimSchedule<T> trims;

    BufferState(RecordBufferBuilder<T> with) {
        this.with = with;
        clock = with.clock;
        announcer = new Announcer(with.listeners);
        predicates = new Predicates<>(with.trigger);
        held =
                new HeldRecords<>(
                        new RecordWatch<>(predicates, with.trigger, clock),
                        clock,
                        RecordWatch.asksLastRelease(with.trigger),
                        with.measures());
        dead = new DeadLetters<>(with.maxDeadLetterRecords, with.maxDeadLetterBytes);
        waiters = new Waiters(clock, lock);
        Journal opened = with.openJournal();
        Codec<T> codec = with.codec;
        if (opened == null || codec == null) {
            journal = null;
            log = null;
        } else {
            journal = new JournalAccess<>(opened, codec, with, announcer);
            log = new EntryLog<>(opened, with.syncsHandOver());
        }
        syncs = journal != null && journal.syncs();
        syncsCommits = with.syncsCommits();
        queue = new BatchQueue<>(log);
        trims = log == null ? null : new TrimSchedule<>(lock, log, held, queue, dead, phase);
        releaser = new Releaser<>(with, held, queue, accounts, log, trims, waiters, announcer);
        timer =
                held.watch.hasTime()
                        ? new ReleaseTimer<>(clock, lock, held, queue, releaser, waiters)
                        : null;
    }

    /** Records that are neither committed nor dropped. */
    @GuardedBy("lock")
    long left() {
        return held.size() + queue.waiting() + queue.inFlight();
    }

    /** Records that count towards the capacity. */
    @GuardedBy("lock")
    long inMemory() {
        return held.size() + queue.inMemory();
    }

    /** Notes a loss that is not a commit; {@code first} is 0 for records without a number. */
    @GuardedBy("lock")
    void drop(DropReason reason, long first, long count) {
        if (log != null) {
            if (first == 0) {
                log.refused(reason, count);
            } else {
                log.note(new LogEntry.Dropped(first, first + count - 1, reason));
            }
        }
        accounts.dropped(reason, count);
        announcer.event(listener -> listener.dropped(reason, count));
    }

    /** Records have left: wakes the threads that wait for that, and lets the journal go on. */
    @GuardedBy("lock")
    void freed() {
        waiters.moved();
        waiters.room();
        if (trims != null) {
            trims.freed();
        }
    }

    /** The entry that a call has to wait for once the lock is free; 0 in memory. */
    @GuardedBy("lock")
    long due() {
        return log == null ? 0 : log.due();
    }

    /** Waits, before an entry that lets records go, for a trim that needs the reserve first. */
    @GuardedBy("lock")
    void keepUp() {
        if (trims != null) {
            trims.keepUp();
        }
    }

    /** Returns if a trim has made room after {@code refusal}, for another try; else throws it. */
    @GuardedBy("lock")
    void awaitRoomAfter(ForebayException refusal) {
        if (trims == null) {
            throw refusal;
        }
        trims.awaitRoomAfter(refusal);
    }

    /** Waits for an entry to be as durable as the buffer. The lock is free. */
    void settle(long due) {
        if (journal != null) {
            journal.settle(due);
        }
    }

    /** A background thread ended with an error: no waiter waits for it. The lock is free. */
    void failed(Throwable cause) {
        lock.lock();
        try {
            phase.fail(cause);
            waiters.moved();
            waiters.room();
            if (trims != null) {
                trims.wakeWaiters();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    Gauges gauges() {
        ReleasedBatch<T> oldest = queue.oldest();
        Duration limit = with.stuckAfter;
        boolean dated = oldest != null && (log != null || limit != null);
        Duration waits =
                oldest != null && dated
                        ? Duration.ofNanos(clock.nanos() - oldest.since())
                        : Duration.ZERO;
        return new Gauges(
                held.size(),
                held.watch.bytes(),
                queue.waiting(),
                queue.inFlight(),
                held.watch.hasTime() ? held.watch.ageOfFirst() : Duration.ZERO,
                waits,
                dated && limit != null && waits.compareTo(limit) > 0,
                dead.size(),
                held.predicateFailures(),
                announcer.failures(),
                trims == null ? 0 : trims.failures(),
                with.trigger.canRelease(),
                journal == null ? new WaitHistogram().times() : journal.syncTimes());
    }
}
