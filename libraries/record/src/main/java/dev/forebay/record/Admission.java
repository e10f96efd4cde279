package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ForebayException;
import dev.forebay.journal.JournalException;
import dev.forebay.record.RecordException.Fault;
import dev.forebay.record.outlet.Cause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes records in: all of a list or none, each with the next sequence number, and decides what
 * becomes of them when there is no room. A service of {@link BufferState}.
 *
 * <p>There are three ways, from the shortest: a buffer that has nothing to measure, log, ask or
 * tell adds without the lock while it can ({@link TurnList}); one record on a journal is appended
 * under the lock if nothing stands in its way; everything else is prepared as {@link Arrivals} with
 * the lock free, and taken in under it.
 */
final class Admission<T> {
    /** Records that were asked about, encoded and measured with the lock free. */
    private static final class Arrivals<T> {
        final List<T> records;
        final List<byte[]> encoded;
        final int[] sizes;
        final long[] answers;

        Arrivals(List<T> records, boolean encodes) {
            this.records = records;
            encoded = encodes ? new ArrayList<>(records.size()) : List.of();
            sizes = new int[records.size()];
            answers = new long[records.size()];
        }

        int count() {
            return sizes.length;
        }

        long bytes() {
            long bytes = 0;
            for (int size : sizes) {
                bytes += size;
            }
            return bytes;
        }
    }

    private final BufferState<T> in;
    private final TurnList<T> easy;
    private final @Nullable Codec<T> codec;
    private final long capacity;
    private final long easyLimit;
    private final long sizeLimit;

    /** Whether an add has nothing to measure, log, ask or tell. */
    private final boolean bare;

    /** Whether an add on a journal has nothing to ask or tell. */
    private final boolean quick;

    Admission(BufferState<T> in) {
        this.in = in;
        easy = in.held.list;
        codec = in.with.codec;
        capacity = in.with.capacity;
        sizeLimit = Math.min(in.with.maxRecordBytes, in.with.maxBatchBytes);
        easyLimit = RecordWatch.easyLimit(in.with.trigger);
        boolean asksNothing = !in.announcer.telling && in.predicates.isEmpty();
        bare = in.journal == null && !in.with.measures() && asksNothing;
        quick = in.journal != null && asksNothing;
    }

    long add(T record) {
        if (bare) {
            long sequence = easy.add(record);
            return sequence == 0 ? addBare(record) : sequence;
        }
        long sequence = quick && codec != null ? addOne(record, codec) : 0;
        return sequence == 0 ? addAll(List.of(record)).first() : sequence;
    }

    private long addBare(T record) {
        in.lock.lock();
        try {
            return takeInBare(record);
        } finally {
            in.lock.unlock();
        }
    }

    @GuardedBy("in.lock")
    private long takeInBare(T record) {
        HeldRecords<T> held = in.held;
        long size = held.size();
        if (size + in.queue.inMemory() >= capacity
                || in.releaser.isArmed()
                || !in.phase.takesRecords()) {
            return takeIn(new Arrivals<>(List.of(record), false)).first();
        }
        long sequence = held.first() + size;
        ReleaseTimer<T> timer = in.timer;
        if (held.add(record, 0, 0)) {
            in.releaser.releaseByTrigger();
            if (timer != null && !timer.wakesForTheNext()) {
                return sequence;
            }
        } else if (timer != null) {
            timer.wakeIfEarlier();
        }
        held.open(Math.min(easyLimit, capacity - in.queue.inMemory()) - held.size());
        return sequence;
    }

    /** The short way on a journal; 0 if the record has to go the long way. */
    private long addOne(T record, Codec<T> encoder) {
        byte[] encoded = encoder.encode(record);
        int size = size(record, encoded.length);
        checkSize(size);
        long sequence;
        long due;
        in.lock.lock();
        try {
            sequence = takeInOne(record, encoded, size);
            due = sequence == 0 ? 0 : in.due();
            beginSettling(due);
        } catch (JournalException e) {
            if (e.fault() != JournalException.Fault.NO_SPACE) {
                throw e;
            }
            return 0; // The long way waits for the trimmer.
        } finally {
            in.lock.unlock();
        }
        settle(due);
        return sequence;
    }

    @GuardedBy("in.lock")
    private long takeInOne(T record, byte[] encoded, int size) {
        EntryLog<T> log = in.log;
        if (log == null
                || in.inMemory() >= capacity
                || in.releaser.isArmed()
                || !in.phase.takesRecords()) {
            return 0;
        }
        long sequence = in.held.next();
        log.add(sequence, encoded);
        if (in.held.add(record, size, 0)) {
            in.releaser.releaseByTrigger();
        } else if (in.timer != null) {
            in.timer.wakeIfEarlier();
        }
        return sequence;
    }

    Receipt addAll(List<? extends T> records) {
        Arrivals<T> arrivals = prepare(records);
        Receipt receipt;
        long due = 0;
        try {
            in.lock.lock();
            try {
                receipt = takeInWithRoom(arrivals);
                due = receipt.first() == 0 && receipt.dropped() == 0 ? 0 : in.due();
                beginSettling(due);
            } finally {
                in.lock.unlock();
            }
        } finally {
            try {
                in.announcer.tell();
            } finally {
                settle(due); // It was announced, so takers wait for it, however the telling ends.
            }
        }
        return receipt;
    }

    /** Asks, encodes and measures; the lock is free. */
    private Arrivals<T> prepare(List<? extends T> given) {
        Arrivals<T> arrivals = new Arrivals<>(List.copyOf(given), codec != null);
        for (int i = 0; i < arrivals.count(); i++) {
            T record = arrivals.records.get(i);
            arrivals.answers[i] = in.predicates.ask(record);
            if (codec == null) {
                arrivals.sizes[i] = size(record, 0);
            } else {
                byte[] form = codec.encode(record);
                arrivals.encoded.add(form);
                arrivals.sizes[i] = size(record, form.length);
            }
            checkSize(arrivals.sizes[i]);
        }
        return arrivals;
    }

    private int size(T record, int encodedBytes) {
        return in.with.size(record, encodedBytes);
    }

    private void checkSize(int size) {
        if (size > sizeLimit) {
            throw new RecordException(
                    Fault.TOO_LARGE,
                    "a record of %d bytes exceeds the limit of %d; raise maxRecordBytes and maxBatchBytes, or divide it"
                            .formatted(size, sizeLimit));
        }
    }

    @GuardedBy("in.lock")
    private Receipt takeInWithRoom(Arrivals<T> arrivals) {
        in.keepUp();
        while (true) {
            try {
                return takeIn(arrivals);
            } catch (ForebayException e) {
                in.awaitRoomAfter(e);
            }
        }
    }

    @GuardedBy("in.lock")
    private Receipt takeIn(Arrivals<T> arrivals) {
        in.phase.checkTakesRecords();
        int count = arrivals.count();
        if (count > capacity) {
            throw new RecordException(
                    Fault.TOO_LARGE,
                    "%d records at once exceed the capacity of %d; add fewer at a time, or raise the capacity"
                            .formatted(count, capacity));
        }
        if (count > 0 && in.inMemory() + count > capacity && !makeRoom(count)) {
            in.drop(DropReason.NEWEST, 0, count);
            in.freed();
            return new Receipt(0, 0, in.with.durability(), count);
        }
        long first = in.held.next();
        boolean fire = count == 0 ? in.held.watch.fires() : hold(arrivals);
        if (in.releaser.isArmed()) {
            in.releaser.disarm();
            in.releaser.release(Cause.NEXT_TRANSFER);
        } else if (fire) {
            in.releaser.releaseByTrigger();
        } else if (in.timer != null) {
            in.timer.wakeIfEarlier();
        }
        return count == 0
                ? new Receipt(0, 0, in.with.durability(), 0)
                : new Receipt(first, first + count - 1, in.with.durability(), 0);
    }

    @GuardedBy("in.lock")
    private boolean hold(Arrivals<T> arrivals) {
        if (in.log != null) {
            in.log.addAll(in.held.next(), arrivals.encoded);
        }
        boolean fire = false;
        for (int i = 0; i < arrivals.count(); i++) {
            fire |= in.held.add(arrivals.records.get(i), arrivals.sizes[i], arrivals.answers[i]);
        }
        if (in.announcer.telling) {
            long count = arrivals.count();
            long bytes = arrivals.bytes();
            in.announcer.event(listener -> listener.accepted(count, bytes));
        }
        return fire;
    }

    /** Makes room for {@code count} more; false if they are to be dropped. */
    @GuardedBy("in.lock")
    private boolean makeRoom(int count) {
        switch (in.with.whenFull) {
            case WhenFull.Block(Duration deadline) -> awaitRoom(count, deadline);
            case WhenFull.Reject() -> throw full(count);
            case WhenFull.DropNewest() -> {
                return false;
            }
            case WhenFull.DropOldest() -> {
                if (in.queue.inFlight() + count > capacity) {
                    throw full(count); // No drop would make room.
                }
                while (in.inMemory() + count > capacity) {
                    dropOldest();
                }
            }
            case WhenFull.Spill() -> {
                in.queue.spill(in.inMemory() + count - capacity);
                if (in.inMemory() + count > capacity) {
                    throw full(count);
                }
            }
        }
        return true;
    }

    @GuardedBy("in.lock")
    private void awaitRoom(int count, Duration deadline) {
        long end = in.clock.deadline(deadline);
        try {
            while (in.inMemory() + count > capacity) {
                if (end - in.clock.nanos() <= 0) {
                    throw full(count);
                }
                in.waiters.awaitRoom(end);
                in.phase.checkTakesRecords();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordException(Fault.FULL, "interrupted while waiting for room", e);
        }
    }

    @GuardedBy("in.lock")
    private RecordException full(int count) {
        in.announcer.event(RecordListener::rejected);
        return new RecordException(
                Fault.FULL,
                "no room for %d records: %d of %d are not committed; commit, or raise the capacity"
                        .formatted(count, in.inMemory(), capacity));
    }

    @GuardedBy("in.lock")
    private void dropOldest() {
        ReleasedBatch<T> oldest = in.queue.oldestWaiting();
        if (oldest != null) {
            in.drop(DropReason.OLDEST, oldest.first(), oldest.size());
            in.queue.dropOldestWaiting();
        } else {
            in.drop(DropReason.OLDEST, in.held.first(), 1);
            in.held.dropOldest();
        }
        in.freed();
    }

    /** Announces that the calling thread is about to {@link #settle}; 0 for nothing to do. */
    @GuardedBy("in.lock")
    private void beginSettling(long due) {
        if (due > 0 && in.log != null && in.syncs) {
            in.log.begin(due);
        }
    }

    /** Waits for the entry of an add, and then wakes the threads that wait for its batch. */
    private void settle(long due) {
        if (due == 0 || !in.syncs) {
            return;
        }
        boolean done = false;
        try {
            in.settle(due);
            done = true;
        } finally {
            settled(due, done);
        }
    }

    private void settled(long due, boolean done) {
        in.lock.lock();
        try {
            if (in.log != null) {
                in.log.end(due, done);
            }
            if (in.queue.available()) {
                in.waiters.moved();
            }
        } finally {
            in.lock.unlock();
        }
    }
}
