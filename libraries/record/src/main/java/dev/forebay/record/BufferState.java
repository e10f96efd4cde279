package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalException;
import dev.forebay.record.RecordException.Fault;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one buffer share. {@link #lock} guards everything in here and in the parts;
 * methods are called with it held.
 */
final class BufferState<T> {
    final RecordBufferBuilder<T> with;
    final Clock clock;
    final ReentrantLock lock = new ReentrantLock();

    /** A batch was released, given back or committed, or records left otherwise. */
    final Condition moved = lock.newCondition();

    /** There is room for more records. */
    final Condition room = lock.newCondition();

    final Announcer announcer;
    final HeldRecords<T> held;
    final BatchQueue<T> queue = new BatchQueue<>();
    final Accounts accounts = new Accounts();
    final DeadLetters<T> dead;

    /** Null in memory. */
    final @Nullable EntryLog<T> log;

    /** Null in memory. */
    final @Nullable JournalTrimmer<T> trimmer;

    /** The next add releases whatever the trigger says. */
    boolean armed;

    /** The buffer takes no more records. */
    boolean closing;

    /** The buffer gives no more records either. */
    boolean closed;

    /** Everything is closed. */
    boolean ended;

    /** Why a background thread ended before the buffer was closed; null if none did. */
    @Nullable Throwable failure;

    /** Why the last release could not be noted; null if it could, or a caller has the reason. */
    @Nullable Trouble trouble;

    /** Why a release {@code of} this cause failed. */
    record Trouble(Throwable why, Cause of) {}

    BufferState(RecordBufferBuilder<T> with) {
        this.with = with;
        clock = with.clock;
        announcer = new Announcer(with.listeners, lock);
        held =
                new HeldRecords<>(
                        new RecordWatch<>(with.trigger, clock),
                        RecordWatch.asksLastRelease(with.trigger),
                        with.measures());
        dead = new DeadLetters<>(with.maxDeadLetterRecords, with.maxDeadLetterBytes);
        Journal journal = with.openJournal();
        Codec<T> codec = with.codec;
        log =
                journal == null || codec == null
                        ? null
                        : new EntryLog<>(journal, codec, with, announcer);
        trimmer = log == null ? null : new JournalTrimmer<>(this, log);
    }

    /** Records that are neither committed nor dropped. */
    long left() {
        return held.size() + queue.waiting() + queue.inFlight();
    }

    /** Records of which the capacity is meant. */
    long inMemory() {
        return held.size() + queue.inMemory();
    }

    /** The size of a record whose encoded form has so many bytes; the lock is free. */
    int size(T record, int encodedBytes) {
        return with.sizer == null ? encodedBytes : with.sizer.applyAsInt(record);
    }

    /** That the buffer takes records. */
    void checkTakesRecords() {
        if (closing) {
            throw closed();
        }
        checkThreads();
    }

    /** That the buffer gives records. */
    void checkNotClosed() {
        if (closed) {
            throw closed();
        }
    }

    private static RecordException closed() {
        return new RecordException(Fault.CLOSED, "the buffer is closed; open another");
    }

    /** That all background threads are there. */
    void checkThreads() {
        Throwable cause = failure;
        if (cause != null) {
            throw new RecordException(
                    Fault.FAILED,
                    "a background thread of the buffer ended with %s; take what is in the buffer, close it and open it again"
                            .formatted(cause),
                    cause);
        }
    }

    /** A background thread ended with an error. The lock is free. */
    void failed(Throwable cause) {
        lock.lock();
        try {
            if (failure == null) {
                failure = cause;
            }
            moved.signalAll();
            room.signalAll();
            if (trimmer != null) {
                trimmer.wakeWaiters();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything is closed. The lock is free. */
    void ended() {
        lock.lock();
        try {
            ended = true;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything is closed. The lock is free. */
    void awaitEnd() {
        lock.lock();
        try {
            while (!ended) {
                moved.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs {@code action}, which changes nothing if it throws; again if the disk was full and the
     * trimmer, which was at work, has made room meanwhile.
     */
    <R> R withRoom(Supplier<R> action) {
        JournalTrimmer<T> trims = trimmer;
        if (trims == null) {
            return action.get();
        }
        trims.keepUp();
        while (true) {
            try {
                return action.get();
            } catch (ForebayException e) {
                if (!full(e)) {
                    throw e;
                }
                if (!trims.awaitRoom()) {
                    RuntimeException why = trims.lastFailure();
                    if (why != null && !why.equals(e)) {
                        e.addSuppressed(why);
                    }
                    throw e;
                }
            }
        }
    }

    private static boolean full(Throwable e) {
        Throwable why = e instanceof RecordException && e.getCause() != null ? e.getCause() : e;
        return why instanceof JournalException journal
                && journal.fault() == JournalException.Fault.NO_SPACE;
    }

    /** Notes a loss that is not a commit; {@code first} is 0 for records without a number. */
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

    /** Records have left: wakes those who wait for that, and lets the journal go on. */
    void freed() {
        moved.signalAll();
        room.signalAll();
        if (trimmer != null) {
            trimmer.freed();
        }
    }

    /** The first record that is neither committed nor dropped, or the next one. */
    long oldestLive() {
        Batch<T> batch = queue.oldest();
        return batch == null ? held.first() : batch.first();
    }

    /** The note that a call has to wait for once the lock is free. */
    long due() {
        return log == null ? 0 : log.due();
    }

    /** Whether a call waits for the sync of its note. */
    boolean syncs() {
        return log != null && log.syncs();
    }

    /** Waits for it; the lock is free. */
    void settle(long due) {
        if (log != null) {
            log.settle(due);
        }
    }

    /** Announces that the calling thread is about to {@link #settleAdd}; 0 for nothing to do. */
    void beginSettling(long due) {
        if (due > 0 && log != null && log.syncs()) {
            log.begin(due);
        }
    }

    /** Waits for the note of an add, and then wakes those who wait for its batch. */
    void settleAdd(long due) {
        if (due == 0 || log == null || !log.syncs()) {
            return;
        }
        boolean done = false;
        try {
            log.settle(due);
            done = true;
        } finally {
            lock.lock();
            try {
                log.end(due, done);
                if (queue.available()) {
                    moved.signalAll();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /** Whether a batch can be handed out without a sync that another call waits for already. */
    boolean isReady() {
        Batch<T> next = queue.available() ? queue.oldestWaiting() : null;
        return next != null && (log == null || !log.isSettling(next.noted()));
    }

    /** A release could not be noted; the next take or flush throws this. */
    void trouble(Throwable why, Cause of) {
        trouble = new Trouble(why, of);
        moved.signalAll();
    }

    void throwTrouble() {
        Trouble now = trouble;
        if (now != null) {
            throw new RecordException(
                    Fault.LOG,
                    "a release could not be noted and stays held: " + now.why.getMessage(),
                    now.why);
        }
    }

    Gauges gauges() {
        Batch<T> oldest = queue.oldest();
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
                held.matches.predicateFailures(),
                announcer.failures(),
                trimmer == null ? 0 : trimmer.failures(),
                with.trigger.canRelease(),
                log == null ? new WaitHistogram().times() : log.syncTimes());
    }

    RecordListener.Facts facts(Batch<T> batch) {
        return new RecordListener.Facts(
                batch.id(),
                batch.first(),
                batch.last(),
                batch.cause(),
                batch.redeliveries(),
                batch.bytes());
    }
}
