package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds records back until a {@link Trigger} lets them go as a {@link Batch}, and hands the batches
 * out in order until each is committed.
 *
 * <p><b>Guarantee.</b> Every accepted record is in exactly one place of the {@link Ledger}. Batches
 * leave whole, in the order of acceptance, at least once, one at a time; a batch leaves the buffer
 * only by its own commit. Time fires with no new input, never early. On a journal a call that takes
 * records in, commits them or drops them returns once that is as durable as the buffer's {@link
 * #durability}, a commit at {@code commits(WRITTEN)} when it is written, and after the process died
 * the same batch comes again with the same id; after a power cut too if batches are handed out
 * {@code SYNCED}; only a buffer at {@code WRITTEN} whose builder was not given {@code
 * handOver(SYNCED)} hands them out earlier.
 *
 * <p><b>Limit.</b> In memory, everything is lost with the process. A batch that was handed out and
 * not committed comes again after a crash. With {@code dropOldest}, the age counts from the first
 * record that was held, and a match stays one, dropped or not. After a power cut {@link
 * Batch#redeliveries} may miss the last failures.
 *
 * <p><b>Threads.</b> Safe for use by many. Codecs, sizers, predicates of {@code matching},
 * listeners, and waits for a sync have no lock of the buffer; {@code matchingHeld} runs inside it,
 * and opening decodes before any other thread has the buffer.
 *
 * @param <T> what a record is
 */
public final class RecordBuffer<T> implements AutoCloseable {
    private final BufferState<T> in;
    private final Admission<T> admission;
    private final Handover<T> handover;
    private final DeadLetterDesk<T> letters;
    private final Lifetime<T> lifetime;
    private final @Nullable Reopening reopening;

    /**
     * Begins a buffer that releases by {@code trigger}.
     *
     * @param <T> what a record is
     * @param trigger says when what is held is released
     * @return how the buffer is made, in memory unless told otherwise
     */
    public static <T> RecordBufferBuilder<T> of(Trigger<T> trigger) {
        return new RecordBufferBuilder<>(trigger);
    }

    RecordBuffer(RecordBufferBuilder<T> with) {
        long started = with.clock.nanos();
        in = new BufferState<>(with);
        admission = new Admission<>(in);
        handover = new Handover<>(in);
        letters = new DeadLetterDesk<>(in);
        lifetime = new Lifetime<>(in);
        reopening =
                in.journal == null || in.log == null || with.codec == null
                        ? null
                        : new Reopener<>(in, in.journal, with.codec, in.log).reopen(started);
        lifetime.start();
    }

    /** {@return what an add that returns has reached} */
    public Durability durability() {
        return in.with.durability();
    }

    /** {@return what the opening found; empty in memory} */
    public Optional<Reopening> reopening() {
        return Optional.ofNullable(reopening);
    }

    /**
     * Adds one record and returns its sequence number once it is as durable as {@link #durability};
     * 0 if it was dropped because the buffer is full and drops the newest.
     *
     * @param record not null
     * @return its sequence number, from 1, or 0
     * @throws RecordException if there is no room, the record is too large or the buffer is closed;
     *     it was not added then
     * @throws dev.forebay.base.PoisonedException if a sync failed: it may or may not be there after
     *     a reopening
     * @throws dev.forebay.journal.JournalException if the disk is full or fails; it was not added
     *     then
     */
    public long add(T record) {
        return admission.add(record);
    }

    /**
     * As {@link #add}, with what the record was given.
     *
     * @param record not null
     * @return its number and durability, and whether it was dropped
     */
    public Receipt put(T record) {
        return addAll(List.of(record));
    }

    /**
     * Adds records together, then asks the trigger once: one transfer. All or none are taken. An
     * empty list asks the trigger all the same.
     *
     * @param records none of them null
     * @return the numbers of the first and the last of them
     * @throws RecordException as for a single record
     */
    public Receipt addAll(List<? extends T> records) {
        return admission.addAll(records);
    }

    /**
     * Hands out the next batch, waiting for one up to {@code deadline}; empty if none came. At most
     * one batch is out at a time: until it is committed or failed, others wait.
     *
     * @param deadline from now on; zero or less does not wait
     * @return the batch, which is out until it is committed or failed
     * @throws RecordException if a release could not be noted in the journal
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public Optional<Batch<T>> take(Duration deadline) throws InterruptedException {
        return handover.take(deadline);
    }

    /**
     * Says that {@code batch} is safely elsewhere: it leaves the buffer. On a journal this returns
     * when that is as durable as {@link #durability}, or as the builder's {@code commits} said.
     *
     * @param batch the one that is out
     * @throws RecordException if it is not the batch that is out
     * @throws dev.forebay.journal.JournalException if the disk is full or fails: the batch is out
     *     as before, and can be committed again
     * @throws dev.forebay.base.PoisonedException if a sync failed: only a reopening shows whether
     *     the commit survived
     */
    public void commit(Batch<T> batch) {
        handover.commit(batch);
    }

    /**
     * Says that the consumer could not take {@code batch}: it is the next one handed out, and
     * {@link Batch#redeliveries} counts. On a journal this waits for no sync.
     *
     * @param batch the one that is out
     * @param reason for messages and listeners
     * @throws RecordException if it is not the batch that is out
     */
    public void fail(Batch<T> batch, String reason) {
        handover.fail(batch, reason);
    }

    /** Divides the taken batch into halves with ids of their own; the next two handed out. */
    void split(Batch<T> batch) {
        handover.split(batch);
    }

    /**
     * Gives the taken batch up: it is kept as a dead letter, and the next one may go.
     *
     * @param batch the one that is out
     * @param reason is kept with it
     * @throws RecordException if it is not the batch that is out, or the dead letters are full: the
     *     batch is out as before
     */
    public void deadLetter(Batch<T> batch, String reason) {
        letters.giveUp(batch, reason);
    }

    /** {@return the dead letters, the oldest records first} */
    public List<DeadLetter<T>> deadLetters() {
        return letters.list();
    }

    /**
     * Adds the records of a dead letter again, as new ones, and then forgets it; once, however many
     * calls ask for it. If the buffer drops them because it is full, the letter stays. A crash in
     * between leaves both.
     *
     * @param letter one of {@link #deadLetters}
     * @return the numbers that its records have now
     * @throws RecordException if it is not there or another call has it, or as {@link #addAll}
     * @throws dev.forebay.journal.JournalException if the disk is full or fails: the letter is
     *     there as before, and can be replayed again, which adds nothing twice
     */
    public Receipt replay(DeadLetter<T> letter) {
        return letters.replay(letter, admission::addAll);
    }

    /**
     * Forgets a dead letter. The ledger has counted its records as dropped when it was given up.
     *
     * @param letter one of {@link #deadLetters}
     * @throws RecordException if it is not there or another call has it
     */
    public void discard(DeadLetter<T> letter) {
        letters.discard(letter);
    }

    /**
     * Releases what is held, now.
     *
     * @return the number of batches that it made; 0 if nothing was held
     */
    public int flush() {
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
            return in.releaser.releaseOrThrow(Cause.FLUSH);
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
    }

    /**
     * Makes the next add release everything, its own records included, whatever the trigger says.
     * The flag is gone after that add even if nothing was held.
     */
    public void releaseAtNextTransfer() {
        in.lock.lock();
        try {
            in.phase.checkTakesRecords();
            in.held.settle(); // The next add takes the lock, and so finds the flag.
            in.releaser.arm();
        } finally {
            in.lock.unlock();
        }
    }

    /**
     * Releases what is held, and waits until everything is committed or dropped, {@code deadline}
     * has passed or the buffer is closed. Another thread has to take and commit meanwhile.
     *
     * @param deadline from now on
     * @return how many records are left
     * @throws InterruptedException if the thread is interrupted while it waits
     */
    public long drain(Duration deadline) throws InterruptedException {
        flush();
        in.lock.lockInterruptibly();
        try {
            long end = in.clock.deadline(deadline);
            while (in.left() > 0 && !in.phase.isClosed() && end - in.clock.nanos() > 0) {
                in.waiters.awaitMove(end);
            }
            return in.left();
        } finally {
            in.lock.unlock();
        }
    }

    /**
     * Discards what is held and not released, as counted drops.
     *
     * @return how many records that were
     */
    public int reset() {
        int count;
        long due;
        in.lock.lock();
        try {
            in.phase.checkGivesRecords();
            count = dropHeldWithRoom();
            due = in.due();
            in.freed();
            in.announcer.event(listener -> listener.onReset(true));
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        if (count > 0) {
            in.settle(due);
        }
        return count;
    }

    @GuardedBy("in.lock")
    private int dropHeldWithRoom() {
        in.keepUp();
        while (true) {
            try {
                return dropHeld();
            } catch (ForebayException e) {
                in.awaitRoomAfter(e);
            }
        }
    }

    @GuardedBy("in.lock")
    private int dropHeld() {
        int count = in.held.size();
        if (count > 0) {
            in.drop(DropReason.RESET, in.held.first(), count);
        }
        in.held.letGo();
        in.releaser.disarm();
        return count;
    }

    /** {@return where every accepted record is} */
    public Ledger ledger() {
        in.lock.lock();
        try {
            return in.accounts.ledger(in.held.next(), in.left());
        } finally {
            in.lock.unlock();
        }
    }

    /**
     * How the buffer stands now.
     *
     * @return the figures of one moment
     */
    public Gauges gauges() {
        in.lock.lock();
        try {
            return in.gauges();
        } finally {
            in.lock.unlock();
        }
    }

    /**
     * Takes no more records. In memory, what is held is released, and consumers have until {@code
     * deadline} to commit; the rest is dropped and counted. On a journal, batches that are released
     * have until then, and the rest stays where it is. Then everything is closed, whatever fails;
     * that waits for the disk.
     *
     * @param deadline from now on
     * @return what was left, and where
     * @throws InterruptedException while it waited for commits; the buffer takes no more records,
     *     and {@link #close()} ends it
     */
    public Remainder close(Duration deadline) throws InterruptedException {
        return lifetime.close(deadline);
    }

    /**
     * As {@link #close(Duration)} without waiting for commits. No interrupt ends it, and a second
     * call does nothing.
     */
    @Override
    public void close() {
        lifetime.close();
    }

    /** As {@link #fail}, if this hand-over of the batch is still out. */
    void giveBack(Batch<T> batch, String reason) {
        handover.giveBack(batch, reason);
    }

    Clock clock() {
        return in.clock;
    }

    boolean isClosed() {
        in.lock.lock();
        try {
            return in.phase.isClosed();
        } finally {
            in.lock.unlock();
        }
    }
}
