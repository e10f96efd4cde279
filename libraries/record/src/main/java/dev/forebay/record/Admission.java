package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes records in: all of a list or none, each with the next sequence number, and what becomes of
 * them when there is no room. The buffer's lock is held.
 */
final class Admission<T> {
    /** Records that were asked about, encoded and measured with the lock free. */
    static final class Arrivals<T> {
        private final List<T> records;
        private final List<byte[]> encoded;
        private final int[] sizes;
        private final long[] answers;

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
    private final Releaser<T> releaser;
    private final @Nullable ReleaseTimer<T> timer;
    private final HeldRecords<T> holding;
    private final BatchQueue<T> outgoing;
    private final long capacity;
    private final long easyLimit;
    private final long sizeLimit;

    Admission(BufferState<T> in, Releaser<T> releaser, @Nullable ReleaseTimer<T> timer) {
        this.in = in;
        this.releaser = releaser;
        this.timer = timer;
        holding = in.held;
        outgoing = in.queue;
        capacity = in.with.capacity;
        sizeLimit = Math.min(in.with.maxRecordBytes, in.with.maxBatchBytes);
        easyLimit = RecordWatch.easyLimit(in.with.trigger);
    }

    /** Asks, encodes and measures; the lock is free. */
    Arrivals<T> prepare(List<? extends T> given) {
        Codec<T> codec = in.with.codec;
        Arrivals<T> arrivals = new Arrivals<>(List.copyOf(given), codec != null);
        for (int i = 0; i < arrivals.count(); i++) {
            T record = arrivals.records.get(i);
            arrivals.answers[i] = holding.matches.ask(record);
            if (codec == null) {
                arrivals.sizes[i] = in.size(record, 0);
            } else {
                byte[] form = codec.encode(record);
                arrivals.encoded.add(form);
                arrivals.sizes[i] = in.size(record, form.length);
            }
            checkSize(arrivals.sizes[i]);
        }
        return arrivals;
    }

    /** That the buffer may hold a record of so many bytes. */
    void checkSize(int size) {
        if (size > sizeLimit) {
            throw new RecordException(
                    Fault.TOO_LARGE,
                    "a record of %d bytes exceeds the limit of %d; raise maxRecordBytes and maxBatchBytes, or divide it"
                            .formatted(size, sizeLimit));
        }
    }

    /**
     * One record, encoded and measured, that nothing stands in the way of.
     *
     * @return its sequence number; 0 if it has to go the long way
     */
    long addOne(T record, byte[] encoded, int size) {
        EntryLog<T> log = in.log;
        if (log == null
                || holding.size() + outgoing.inMemory() >= capacity
                || in.armed
                || in.closing
                || in.failure != null) {
            return 0;
        }
        long sequence = holding.next();
        log.add(sequence, encoded);
        if (holding.add(record, size, 0)) {
            releaser.releaseByTrigger();
        } else if (timer != null) {
            timer.wakeIfEarlier();
        }
        return sequence;
    }

    /** One record where nobody measures, logs, asks or listens; its sequence number, or 0. */
    long addBare(T record) {
        long held = holding.size();
        if (held + outgoing.inMemory() >= capacity
                || in.armed
                || in.closing
                || in.failure != null) {
            return add(new Arrivals<>(List.of(record), false)).first();
        }
        long sequence = holding.next();
        if (holding.add(record, 0, 0)) {
            releaser.releaseByTrigger();
            if (timer == null || timer.wakesForTheNext()) {
                open();
            }
            return sequence;
        }
        if (timer != null) {
            timer.wakeIfEarlier();
        }
        open();
        return sequence;
    }

    private void open() {
        holding.open(Math.min(easyLimit, capacity - outgoing.inMemory()) - holding.size());
    }

    Receipt add(Arrivals<T> arrivals) {
        in.checkTakesRecords();
        int count = arrivals.count();
        if (count > capacity) {
            throw new RecordException(
                    Fault.TOO_LARGE,
                    count
                            + " records at once exceed the capacity of "
                            + capacity
                            + "; add fewer at a time, or raise the capacity");
        }
        if (count > 0 && in.inMemory() + count > capacity && !makeRoom(count)) {
            in.drop(DropReason.NEWEST, 0, count);
            in.freed();
            return new Receipt(0, 0, in.with.durability(), count);
        }
        long first = holding.next();
        boolean fire = count == 0 ? holding.watch.fires() : takeIn(arrivals);
        if (in.armed) {
            in.armed = false;
            releaser.release(Cause.NEXT_TRANSFER);
        } else if (fire) {
            releaser.releaseByTrigger();
        } else if (timer != null) {
            timer.wakeIfEarlier();
        }
        return count == 0
                ? new Receipt(0, 0, in.with.durability(), 0)
                : new Receipt(first, first + count - 1, in.with.durability(), 0);
    }

    private boolean takeIn(Arrivals<T> arrivals) {
        if (in.log != null) {
            in.log.addAll(holding.next(), arrivals.encoded);
        }
        boolean fire = false;
        for (int i = 0; i < arrivals.count(); i++) {
            fire |= holding.add(arrivals.records.get(i), arrivals.sizes[i], arrivals.answers[i]);
        }
        if (in.announcer.telling) {
            long count = arrivals.count();
            long bytes = arrivals.bytes();
            in.announcer.event(listener -> listener.accepted(count, bytes));
        }
        return fire;
    }

    /** Room for {@code count} more; false if they are to be dropped. */
    private boolean makeRoom(int count) {
        switch (in.with.whenFull) {
            case WhenFull.Block(Duration deadline) -> awaitRoom(count, deadline);
            case WhenFull.Reject() -> throw full(count);
            case WhenFull.DropNewest() -> {
                return false;
            }
            case WhenFull.DropOldest() -> {
                if (outgoing.inFlight() + count > capacity) {
                    throw full(count); // Whatever else went, there would be no room.
                }
                while (in.inMemory() + count > capacity) {
                    dropOldest();
                }
            }
            case WhenFull.Spill() -> {
                outgoing.spill(in.inMemory() + count - capacity);
                if (in.inMemory() + count > capacity) {
                    throw full(count);
                }
            }
        }
        return true;
    }

    private void awaitRoom(int count, Duration deadline) {
        long end = in.clock.deadline(deadline);
        try {
            while (in.inMemory() + count > capacity) {
                if (end - in.clock.nanos() <= 0) {
                    throw full(count);
                }
                in.clock.await(in.lock, in.room, end);
                in.checkTakesRecords();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordException(Fault.FULL, "interrupted while waiting for room", e);
        }
    }

    private RecordException full(int count) {
        in.announcer.event(RecordListener::rejected);
        return new RecordException(
                Fault.FULL,
                "no room for "
                        + count
                        + " records: "
                        + in.inMemory()
                        + " of "
                        + capacity
                        + " are not committed; commit, or raise the capacity");
    }

    private void dropOldest() {
        Batch<T> oldest = outgoing.oldestWaiting();
        if (oldest != null) {
            in.drop(DropReason.OLDEST, oldest.first(), oldest.size());
            outgoing.dropOldestWaiting();
        } else {
            in.drop(DropReason.OLDEST, holding.first(), 1);
            holding.dropOldest();
        }
        in.freed();
    }
}
