package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import java.io.IOException;
import java.io.UncheckedIOException;
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
 * #durability}, and after the process died the same batch comes again with the same id; after a
 * power cut too if batches are handed out {@code SYNCED}, as they are unless the buffer is {@code
 * WRITTEN} and its builder's {@code handOver} says nothing.
 *
 * <p><b>Limit.</b> In memory, everything is lost with the process. A batch that was handed out and
 * not committed comes again after a crash. With {@code dropOldest}, the age counts from the first
 * record that was held, and a match stays one, dropped or not. After a power cut {@link
 * Batch#redeliveries} may miss the last failures.
 *
 * <p><b>Threads.</b> Safe for use by many. Codecs, sizers, predicates of {@code matching},
 * listeners, and waits for a sync have no lock of the buffer; {@code matchingHeld} runs inside it,
 * and opening decodes before any other thread has the buffer.
 */
public final class RecordBuffer<T> implements AutoCloseable {
    private final BufferState<T> in;
    private final Releaser<T> releaser;
    private final @Nullable ReleaseTimer<T> timer;
    private final Admission<T> admission;
    private final Handover<T> handover;
    private final LetterReplays<T> replays;
    private final @Nullable Reopening reopening;

    /** Whether an add has nothing to measure, log, ask or tell. */
    private final boolean bare;

    /** Whether an add on a journal has nothing to ask or tell. */
    private final boolean quick;

    /** Begins a buffer that releases by {@code trigger}. */
    public static <T> RecordBufferBuilder<T> of(Trigger<T> trigger) {
        return new RecordBufferBuilder<>(trigger);
    }

    RecordBuffer(RecordBufferBuilder<T> with) {
        long started = with.clock.nanos();
        in = new BufferState<>(with);
        releaser = new Releaser<>(in);
        timer = in.held.watch.hasTime() ? new ReleaseTimer<>(in, releaser) : null;
        admission = new Admission<>(in, releaser, timer);
        handover = new Handover<>(in, releaser, timer);
        replays = new LetterReplays<>(in);
        EntryLog<T> log = in.log;
        bare = log == null && !with.measures() && !in.announcer.telling && !in.held.matches.asks();
        quick = log != null && !in.announcer.telling && !in.held.matches.asks();
        reopening = log == null ? null : reopen(log, started);
        startThreads();
    }

    private void startThreads() {
        try {
            if (timer != null) {
                timer.start();
            }
            if (in.trimmer != null) {
                in.trimmer.start();
            }
        } catch (RuntimeException | Error e) {
            try {
                close();
            } catch (RuntimeException | Error closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private Reopening reopen(EntryLog<T> log, long started) {
        Reopening found;
        in.lock.lock();
        try {
            found = new Reopener<>(in, log).reopen(started);
            if (in.held.watch.fires()) {
                releaser.releaseByTrigger();
            }
        } catch (RuntimeException | Error e) {
            closeAfter(e, log);
            throw e;
        } finally {
            in.lock.unlock();
        }
        in.announcer.tell();
        return found;
    }

    private static void closeAfter(Throwable failure, EntryLog<?> log) {
        try {
            log.close();
        } catch (RuntimeException | Error e) {
            failure.addSuppressed(e);
        }
    }

    /** What an add that returns has reached. */
    public Durability durability() {
        return in.with.durability();
    }

    /** What the opening found; empty in memory. */
    public Optional<Reopening> reopening() {
        return Optional.ofNullable(reopening);
    }

    /**
     * Adds one record and returns its sequence number once it is as durable as {@link #durability};
     * 0 if it was dropped because the buffer is full and drops the newest.
     *
     * @throws RecordException if there is no room, the record is too large or the buffer is closed;
     *     it was not added then
     * @throws dev.forebay.base.PoisonedException if a sync failed: it may or may not be there after
     *     a reopening
     * @throws dev.forebay.journal.JournalException if the disk is full or fails; it was not added
     *     then
     */
    public long add(T record) {
        if (!bare) {
            long sequence = quick ? addOne(record) : 0;
            return sequence == 0 ? addAll(List.of(record)).first() : sequence;
        }
        long easy = in.held.addEasily(record);
        if (easy != 0) {
            return easy;
        }
        in.lock.lock();
        try {
            return admission.addBare(record);
        } finally {
            in.lock.unlock();
        }
    }

    /** The short way on a journal; 0 if the record has to go the long way. */
    private long addOne(T record) {
        Codec<T> codec = in.with.codec;
        if (codec == null) {
            return 0;
        }
        byte[] encoded = codec.encode(record);
        int size = in.size(record, encoded.length);
        admission.checkSize(size);
        long sequence;
        long due;
        in.lock.lock();
        try {
            sequence = admission.addOne(record, encoded, size);
            due = sequence == 0 ? 0 : in.due();
            in.beginSettling(due);
        } catch (JournalException e) {
            if (e.fault() != JournalException.Fault.NO_SPACE) {
                throw e;
            }
            return 0; // The long way waits for the trimmer.
        } finally {
            in.lock.unlock();
        }
        in.settleAdd(due);
        return sequence;
    }

    /** As {@link #add}, with what the record was given. */
    public Receipt put(T record) {
        return addAll(List.of(record));
    }

    /**
     * Adds records together, then asks the trigger once: one transfer. All or none are taken. An
     * empty list asks the trigger all the same.
     *
     * @throws RecordException as for a single record
     */
    public Receipt addAll(List<? extends T> records) {
        Admission.Arrivals<T> arrivals = admission.prepare(records);
        Receipt receipt;
        long due;
        in.lock.lock();
        try {
            receipt = in.withRoom(() -> admission.add(arrivals));
            due = receipt.first() == 0 && receipt.dropped() == 0 ? 0 : in.due();
            in.beginSettling(due);
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
        in.settleAdd(due);
        return receipt;
    }

    /**
     * Hands out the next batch, waiting for one up to {@code deadline}; empty if none came. At most
     * one batch is out at a time: until it is committed or failed, others wait.
     *
     * @throws RecordException if a release could not be noted in the journal
     */
    public Optional<Batch<T>> take(Duration deadline) throws InterruptedException {
        return handover.take(deadline);
    }

    /**
     * The consumer's word that {@code batch} is safely elsewhere. On a journal it returns when that
     * is as durable as {@link #durability}.
     *
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
     * The consumer could not take {@code batch}: it is the next one handed out, counted. Is not
     * waited for on a journal.
     *
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
     * @throws RecordException if it is not the batch that is out, or the dead letters are full: the
     *     batch is out as before
     */
    public void deadLetter(Batch<T> batch, String reason) {
        handover.deadLetter(batch, reason);
    }

    /** The dead letters, the oldest records first. */
    public List<DeadLetter<T>> deadLetters() {
        return handover.deadLetters();
    }

    /**
     * Adds the records of a dead letter again, as new ones, and then forgets it; once, whoever else
     * asks for the same. If the buffer drops them because it is full, the letter stays. A crash in
     * between leaves both.
     *
     * @throws RecordException if it is not there or another call has it, or as {@link #addAll}
     * @throws dev.forebay.journal.JournalException if the disk is full or fails: the letter is
     *     there as before, and can be replayed again, which adds nothing twice
     */
    public Receipt replay(DeadLetter<T> letter) {
        return replays.replay(letter, this::addAll);
    }

    /**
     * Forgets a dead letter. The ledger has counted its records as dropped when it was given up.
     *
     * @throws RecordException if it is not there or another call has it
     */
    public void discard(DeadLetter<T> letter) {
        replays.discard(letter);
    }

    /**
     * Releases what is held, now.
     *
     * @return the number of batches that it made; 0 if nothing was held
     */
    public int flush() {
        in.lock.lock();
        try {
            in.checkNotClosed();
            return releaser.releaseOrThrow(Cause.FLUSH);
        } finally {
            in.lock.unlock();
            in.announcer.tell();
        }
    }

    /**
     * The reference's flag: the next add releases everything, its own records included, whatever
     * the trigger says. The flag is gone after that add even if nothing was held.
     */
    public void releaseAtNextTransfer() {
        in.lock.lock();
        try {
            in.checkTakesRecords();
            in.held.settle();
            in.armed = true;
        } finally {
            in.lock.unlock();
        }
    }

    /**
     * Releases what is held, and waits until everything is committed or dropped, {@code deadline}
     * has passed or the buffer is closed. Another thread has to take and commit meanwhile.
     *
     * @return how many records are left
     */
    public long drain(Duration deadline) throws InterruptedException {
        flush();
        in.lock.lockInterruptibly();
        try {
            long end = in.clock.deadline(deadline);
            while (in.left() > 0 && !in.closed && end - in.clock.nanos() > 0) {
                in.clock.await(in.lock, in.moved, end);
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
            in.checkNotClosed();
            count = in.withRoom(this::dropHeld);
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

    private int dropHeld() {
        int count = in.held.size();
        if (count > 0) {
            in.drop(DropReason.RESET, in.held.first(), count);
        }
        in.held.letGo();
        in.armed = false;
        return count;
    }

    /** Where every accepted record is. */
    public Ledger ledger() {
        in.lock.lock();
        try {
            return in.accounts.ledger(in.held.next(), in.left());
        } finally {
            in.lock.unlock();
        }
    }

    /** How the buffer stands now. */
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
     * @return what was left, and where
     * @throws InterruptedException while it waited for commits; the buffer takes no more records,
     *     and {@link #close()} ends it
     */
    public Remainder close(Duration deadline) throws InterruptedException {
        Closed closed;
        in.lock.lockInterruptibly();
        try {
            beginClosing();
            long end = in.clock.deadline(deadline);
            while (in.left() - in.held.size() > 0 && !in.closed && end - in.clock.nanos() > 0) {
                in.clock.await(in.lock, in.moved, end);
            }
            closed = end();
        } finally {
            in.lock.unlock();
        }
        return closeAll(closed);
    }

    /**
     * As {@link #close(Duration)} without waiting for commits. No interrupt ends it, and a second
     * call does nothing.
     */
    @Override
    public void close() {
        Closed closed;
        in.lock.lock();
        try {
            beginClosing();
            closed = end();
        } finally {
            in.lock.unlock();
        }
        closeAll(closed);
    }

    private void beginClosing() {
        if (in.closing) {
            return;
        }
        in.closing = true;
        in.room.signalAll();
        if (in.log == null) {
            releaser.release(Cause.FLUSH);
        }
    }

    /** What was left, and whether this call is the first to close the buffer. */
    private record Closed(Remainder left, boolean first) {}

    /** The lock is held. */
    private Closed end() {
        Closed closed = new Closed(new Remainder(in.left(), durability()), !in.closed);
        if (closed.first) {
            in.closed = true;
            in.moved.signalAll();
            in.room.signalAll();
            if (timer != null) {
                timer.wake();
            }
            if (in.log == null && closed.left.records() > 0) {
                in.drop(DropReason.CLOSED, 0, closed.left.records());
                in.held.letGo();
                in.queue.clear();
            }
        }
        return closed;
    }

    /** Closes everything whatever fails. The lock is free. */
    private Remainder closeAll(Closed closed) {
        EntryLog<T> log = in.log;
        JournalTrimmer<T> trimmer = in.trimmer;
        if (!closed.first) {
            // A listener that closes on one of these threads cannot wait for their end.
            if (!(timer != null && timer.isCurrent() || trimmer != null && trimmer.isCurrent())) {
                in.awaitEnd();
            }
            return closed.left;
        }
        try (Closing all = new Closing()) {
            if (timer != null) {
                all.then(timer::join);
            }
            if (trimmer != null) {
                all.then(trimmer::close);
            }
            if (log != null) {
                all.then(log::close);
            }
            all.then(in::ended);
            all.then(in.announcer::tell);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the buffer", e);
        }
        return closed.left;
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
            return in.closed;
        } finally {
            in.lock.unlock();
        }
    }
}
