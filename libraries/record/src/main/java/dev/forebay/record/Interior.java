package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.base.TriggerWatch;
import dev.forebay.record.RecordException.Fault;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one buffer share. {@link #lock} guards everything in here and in the parts;
 * methods are called with it held.
 */
final class Interior<T> {
    final RecordBufferBuilder<T> with;
    final Clock clock;
    final ReentrantLock lock = new ReentrantLock();

    /** A batch was released, given back or committed, or records left otherwise. */
    final Condition moved = lock.newCondition();

    /** There is room for more records. */
    final Condition room = lock.newCondition();

    final Announcer announcer;
    final TriggerFacts facts;
    final Holding<T> holding;
    final Outgoing<T> outgoing;
    final Books books = new Books();
    final DeadLetters<T> dead;

    /** Null in memory. */
    final @Nullable Notebook<T> notebook;

    /** The next add releases whatever the trigger says. */
    boolean armed;

    boolean closing;
    boolean closed;

    /** Why the last release could not be noted; null if it could, or somebody was told. */
    @Nullable Trouble trouble;

    /** What a release {@code of} this cause failed of. */
    record Trouble(ForebayException why, Cause of) {}

    Interior(RecordBufferBuilder<T> with) {
        this.with = with;
        clock = with.clock;
        announcer = new Announcer(with.listeners, lock);
        facts = TriggerFacts.of(with.trigger);
        holding =
                with.parts.holding(
                        new TriggerWatch<>(with.trigger, clock), facts.asksLastRelease());
        outgoing = with.parts.outgoing();
        dead = new DeadLetters<>(with.maxDeadLetterRecords, with.maxDeadLetterBytes);
        RecordLog log = with.log();
        Codec<T> codec = with.codec;
        notebook =
                log == null || codec == null
                        ? null
                        : new Notebook<>(log, codec, with.durability, clock, announcer);
    }

    /** Records that are neither committed nor dropped. */
    long left() {
        return holding.size() + outgoing.waiting() + outgoing.inFlight();
    }

    /** Records of which the capacity is meant. */
    long inMemory() {
        return holding.size() + outgoing.inMemory();
    }

    int size(T record) {
        if (with.sizer != null) {
            return with.sizer.applyAsInt(record);
        }
        return with.codec == null ? 0 : with.codec.encode(record).length;
    }

    void checkOpen() {
        if (closing) {
            throw new RecordException(Fault.CLOSED, "the buffer is closed; open another");
        }
    }

    /** Notes a loss that is not a commit; {@code first} is 0 for records without a number. */
    void drop(DropReason reason, long first, long count) {
        if (notebook != null) {
            if (first == 0) {
                notebook.refused(reason, count);
            } else {
                notebook.dropped(reason, first, count);
            }
        }
        books.dropped(reason, count);
        announcer.event(listener -> listener.dropped(reason, count));
    }

    /** Records have left: wakes those who wait for that, and lets the journal go on. */
    void freed() {
        moved.signalAll();
        room.signalAll();
        if (notebook != null) {
            notebook.freed(oldestLive(), dead, books, holding.next());
        }
    }

    private long oldestLive() {
        Batch<T> batch = outgoing.oldest();
        return batch == null ? holding.first() : batch.first();
    }

    /** What a call has to wait for once the lock is free; null in memory. */
    Notebook.@Nullable Due due() {
        return notebook == null ? null : notebook.due();
    }

    /** Waits for it; the lock is free. */
    void settle(Notebook.@Nullable Due due) {
        if (notebook != null && due != null) {
            notebook.settle(due);
        }
    }

    /** A release could not be noted; whoever takes or flushes next learns why. */
    void trouble(ForebayException why, Cause of) {
        trouble = new Trouble(why, of);
        moved.signalAll();
    }

    void throwTrouble() {
        Trouble now = trouble;
        if (now != null) {
            trouble = null;
            throw new RecordException(
                    Fault.LOG,
                    "a release could not be noted and stays held: " + now.why.getMessage(),
                    now.why);
        }
    }

    Gauges gauges() {
        Batch<T> oldest = outgoing.oldest();
        Duration limit = with.stuckAfter;
        boolean dated = oldest != null && (notebook != null || limit != null);
        Duration waits =
                oldest != null && dated
                        ? Duration.ofNanos(clock.nanos() - oldest.since())
                        : Duration.ZERO;
        return new Gauges(
                holding.size(),
                holding.watch.bytes(),
                outgoing.waiting(),
                outgoing.inFlight(),
                holding.watch.hasTime() ? holding.watch.ageOfFirst() : Duration.ZERO,
                waits,
                dated && limit != null && waits.compareTo(limit) > 0,
                dead.size(),
                holding.watch.predicateFailures(),
                announcer.failures(),
                with.trigger.canRelease(),
                notebook == null ? new Waits().times() : notebook.syncTimes());
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
