package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Trigger;
import dev.forebay.base.TriggerWatch;
import dev.forebay.record.RecordException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Holds records back until a {@link Trigger} lets them go as a {@link Batch}, and hands the batches
 * out in order until each is committed.
 *
 * <p><b>Guarantee.</b> Every accepted record is in exactly one place of the {@link Ledger}. Batches
 * leave whole, in the order of acceptance, at least once, one at a time; a batch leaves the buffer
 * only by its own commit. Time fires with no new input, never early. On a journal an add returns
 * once its record is as durable as the buffer's {@link #durability}, and after a crash the same
 * batch comes again with the same id; a batch is handed out only once it is synced, so that no
 * other batch can ever get its id.
 *
 * <p><b>Limit.</b> In memory, everything is lost with the process. A batch that was handed out and
 * not committed comes again after a crash. With {@code dropOldest}, the age counts from the first
 * record that was held, dropped or not. Dead letters keep their part of the journal.
 *
 * <p><b>Threads.</b> Safe for use by many. No lock is held during predicates of {@code matching},
 * listeners, codecs or waits for a sync; {@code matchingHeld} runs inside the lock.
 */
public final class RecordBuffer<T> implements AutoCloseable {
    private static final int COMMITS_PER_TRIM = 64;
    private static final long RETRY_NANOS = 100_000_000;

    private final Clock clock;
    private final RecordBufferBuilder<T> with;
    private final @Nullable Codec<T> codec;
    private final @Nullable RecordLog log;
    private final boolean bare;
    private final boolean timed;
    private final boolean telling;
    private final long capacity;

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition batchMoved = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Condition timer = lock.newCondition();
    private final TriggerWatch<T> watch;
    private final ArrayDeque<Batch<T>> ready = new ArrayDeque<>();
    private final Map<Long, DeadLetter<T>> dead = new LinkedHashMap<>();
    private final Map<Long, Long> deadPositions = new LinkedHashMap<>();
    private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    private List<Consumer<RecordListener>> events = new ArrayList<>();
    private List<T> held = new ArrayList<>();
    private @Nullable Batch<T> taken;
    private long heldFrom;
    private long committed;
    private long nextSequence = 1;
    private long nextBatch = 1;
    private long inMemory;
    private long released;
    private boolean timerIdle;
    private long timerAt;
    private long lastPosition;
    private long listenerFailures;
    private int commits;
    private boolean armed;
    private boolean closing;
    private boolean closed;
    private @Nullable RuntimeException trouble;

    /** Begins a buffer that releases by {@code trigger}. */
    public static <T> RecordBufferBuilder<T> of(Trigger<T> trigger) {
        return new RecordBufferBuilder<>(trigger);
    }

    RecordBuffer(RecordBufferBuilder<T> with) {
        this.with = with;
        clock = with.clock;
        codec = with.codec;
        capacity = with.capacity;
        watch = new TriggerWatch<>(with.trigger, clock);
        timed = watch.hasTime();
        telling = !with.listeners.isEmpty();
        log = with.log();
        bare = log == null && !with.measures() && !telling && !watch.asks();
        if (log != null && codec != null) {
            lock.lock();
            try {
                recover(log, codec);
            } finally {
                lock.unlock();
            }
            tell();
        }
        if (timed) {
            Thread thread = new Thread(this::runTimer, "forebay-record-timer");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void recover(RecordLog from, Codec<T> decoding) {
        History<T> history = new History<>(decoding);
        from.read(0, history::play, null);
        committed = history.committed;
        nextSequence = history.nextSequence;
        nextBatch = history.nextBatch;
        dropped.putAll(history.dropped);
        dead.putAll(history.dead);
        deadPositions.putAll(history.deadPositions);
        inMemory = history.kept.size();
        for (History.Released batch : history.batches.values()) {
            List<T> records = new ArrayList<>();
            long bytes = 0;
            long position = batch.position();
            for (History.Kept<T> kept : history.of(batch).values()) {
                records.add(kept.record());
                bytes += kept.bytes();
                position = Math.min(position, kept.position());
            }
            ready.add(
                    new Batch<>(
                            batch.id(),
                            batch.first(),
                            records.size(),
                            records,
                            batch.cause(),
                            batch.failures() + 1,
                            bytes,
                            position,
                            batch.position()));
            released += records.size();
        }
        var rest = history.held();
        long bytes = 0;
        for (History.Kept<T> kept : rest.values()) {
            held.add(kept.record());
            bytes += kept.bytes();
        }
        if (!rest.isEmpty()) {
            heldFrom = rest.firstEntry().getValue().position();
            watch.resume(
                    held,
                    bytes,
                    since(rest.firstEntry().getValue().time()),
                    since(rest.lastEntry().getValue().time()));
        }
        long records = inMemory;
        long batches = ready.size();
        event(listener -> listener.recovered(records, batches));
        if (watch.fires()) {
            release(cause());
        }
    }

    /** An age from the stored wall time, clamped to what cannot make a trigger later than it is. */
    private Duration since(Instant time) {
        Duration age = Duration.between(time, clock.wall());
        if (age.isNegative()) {
            return Duration.ZERO;
        }
        return age.compareTo(Duration.ofDays(10_000)) > 0 ? Duration.ofDays(10_000) : age;
    }

    /** What an add that returns has reached. */
    public Durability durability() {
        return log == null ? Durability.ACCEPTED : with.durability;
    }

    /**
     * Adds one record and returns its sequence number once it is as durable as {@link #durability};
     * 0 if it was dropped because the buffer is full and drops the newest.
     *
     * @throws RecordException if there is no room, the record is too large or the buffer is closed;
     *     it was not added then
     */
    public long add(T record) {
        if (!bare) {
            return addAll(List.of(record)).first();
        }
        lock.lock();
        try {
            if (inMemory >= capacity || armed || closing) {
                return addInside(List.of(record), List.of(), 0, new long[1]).first();
            }
            held.add(record);
            inMemory++;
            long sequence = nextSequence++;
            if (watch.added(held, 0, 0)) {
                release(cause());
            } else if (timed) {
                wakeTimer();
            }
            return sequence;
        } finally {
            lock.unlock();
        }
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
        List<T> list = List.copyOf(records);
        List<byte[]> encoded = new ArrayList<>();
        long bytes = 0;
        long[] answers = new long[list.size()];
        for (int i = 0; i < list.size(); i++) {
            T record = list.get(i);
            answers[i] = watch.ask(record);
            int size = 0;
            if (codec != null) {
                byte[] form = codec.encode(record);
                encoded.add(form);
                size = form.length;
            } else {
                size = size(record);
            }
            if (size > Math.min(with.maxRecordBytes, with.maxBatchBytes)) {
                throw new RecordException(
                        Fault.TOO_LARGE,
                        "a record of "
                                + size
                                + " bytes exceeds the limit of "
                                + Math.min(with.maxRecordBytes, with.maxBatchBytes)
                                + "; raise maxRecordBytes and maxBatchBytes, or divide it");
            }
            bytes += size;
        }
        Receipt receipt;
        long position;
        lock.lock();
        try {
            receipt = addInside(list, encoded, bytes, answers);
            position = lastPosition;
        } finally {
            lock.unlock();
            tell();
        }
        if (log != null && with.durability == Durability.SYNCED && receipt.first() != 0) {
            log.sync(position);
        }
        return receipt;
    }

    private Receipt addInside(List<T> list, List<byte[]> encoded, long bytes, long[] answers) {
        checkOpen();
        if (list.size() > capacity) {
            throw new RecordException(
                    Fault.TOO_LARGE,
                    list.size() + " records at once exceed the capacity of " + capacity);
        }
        if (inMemory + list.size() > capacity && !makeRoom(list.size())) {
            drop(DropReason.NEWEST, 0, list.size());
            return new Receipt(0, 0, durability(), list.size());
        }
        long first = nextSequence;
        if (log != null && !list.isEmpty()) {
            append(log, first, encoded);
        }
        boolean fire = false;
        long size = bytes;
        for (int i = 0; i < list.size(); i++) {
            held.add(list.get(i));
            long one = list.size() == 1 ? size : sizeOf(list.get(i), encoded, i);
            fire |= watch.added(held, one, answers[i]);
        }
        inMemory += list.size();
        nextSequence += list.size();
        if (!list.isEmpty()) {
            long count = list.size();
            event(listener -> listener.accepted(count, bytes));
        }
        if (armed) {
            armed = false;
            release(Cause.NEXT_TRANSFER);
        } else if (fire || list.isEmpty() && watch.fires()) {
            release(cause());
        } else if (timed) {
            wakeTimer();
        }
        return list.isEmpty()
                ? new Receipt(0, 0, durability(), 0)
                : new Receipt(first, first + list.size() - 1, durability(), 0);
    }

    private void append(RecordLog to, long first, List<byte[]> encoded) {
        List<byte[]> notes = new ArrayList<>(encoded.size());
        for (int i = 0; i < encoded.size(); i++) {
            notes.add(Note.record(first + i, encoded.get(i)));
        }
        lastPosition =
                notes.size() == 1
                        ? to.append(Note.RECORD, notes.getFirst())
                        : to.appendAll(Note.RECORD, notes);
        if (held.isEmpty()) {
            heldFrom = lastPosition - notes.size() + 1;
        }
    }

    private int sizeOf(T record, List<byte[]> encoded, int i) {
        return encoded.isEmpty() ? size(record) : encoded.get(i).length;
    }

    private int size(T record) {
        if (with.sizer != null) {
            return with.sizer.applyAsInt(record);
        }
        return codec == null ? 0 : codec.encode(record).length;
    }

    /** Room for {@code count} more; false if they are to be dropped. */
    private boolean makeRoom(int count) {
        switch (with.whenFull) {
            case WhenFull.Block(Duration deadline) -> awaitRoom(count, deadline);
            case WhenFull.Reject() -> throw full(count);
            case WhenFull.DropNewest() -> {
                return false;
            }
            case WhenFull.DropOldest() -> {
                while (inMemory + count > capacity) {
                    dropOldest(count);
                }
            }
            case WhenFull.Spill() -> spill(count);
        }
        return true;
    }

    private void awaitRoom(int count, Duration deadline) {
        long end = clock.nanos() + deadline.toNanos();
        try {
            while (inMemory + count > capacity) {
                if (end - clock.nanos() <= 0) {
                    throw full(count);
                }
                clock.await(lock, room, end);
                checkOpen();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordException(Fault.FULL, "interrupted while waiting for room", e);
        }
    }

    private RecordException full(int count) {
        event(RecordListener::rejected);
        return new RecordException(
                Fault.FULL,
                "no room for "
                        + count
                        + " records: "
                        + inMemory
                        + " of "
                        + capacity
                        + " are not committed; commit, or raise the capacity");
    }

    private void dropOldest(int count) {
        Batch<T> oldest = ready.peek();
        if (oldest != null) {
            drop(DropReason.OLDEST, oldest.first(), oldest.size());
            ready.remove();
            released -= oldest.size();
            inMemory -= oldest.size();
        } else if (!held.isEmpty()) {
            drop(DropReason.OLDEST, nextSequence - held.size(), 1);
            watch.dropped(1, size(held.removeFirst()));
            inMemory--;
        } else {
            throw full(count);
        }
    }

    private void spill(int count) {
        ArrayDeque<Batch<T>> kept = new ArrayDeque<>();
        while (!ready.isEmpty()) {
            Batch<T> newest = ready.removeLast();
            if (inMemory + count > capacity && !newest.spilled()) {
                inMemory -= newest.size();
                newest = newest.with(List.of());
            }
            kept.addFirst(newest);
        }
        ready.addAll(kept);
        if (inMemory + count > capacity) {
            throw full(count);
        }
    }

    /** Notes a loss that is not a commit; {@code first} is 0 for records without a number. */
    private void drop(DropReason reason, long first, long count) {
        if (log != null) {
            long last = first == 0 ? count : first + count - 1;
            log.append(Note.DROP, Note.of(first, last, reason.code));
        }
        dropped.merge(reason, count, Long::sum);
        event(listener -> listener.dropped(reason, count));
    }

    private Cause cause() {
        return switch (watch.decided()) {
            case CUSTOM -> Cause.CUSTOM;
            case COUNT -> Cause.COUNT;
            case BYTES -> Cause.BYTES;
            case TIME -> Cause.TIME;
        };
    }

    private int release(Cause cause) {
        if (held.isEmpty()) {
            return 0;
        }
        List<Batch<T>> batches;
        try {
            batches = cut(cause);
        } catch (ForebayException e) {
            // The records stay held; whoever takes or flushes next learns why.
            trouble = e;
            return 0;
        }
        List<T> all = held;
        ready.addAll(batches);
        released += all.size();
        held = new ArrayList<>(all.size());
        watch.released();
        batchMoved.signalAll();
        if (telling) {
            for (Batch<T> batch : batches) {
                event(listener -> listener.released(facts(batch)));
            }
            event(listener -> listener.onReset(false));
        }
        return batches.size();
    }

    /** Divides what is held by the caps, and notes each batch. */
    private List<Batch<T>> cut(Cause cause) {
        long first = nextSequence - held.size();
        if (held.size() <= with.maxBatchRecords && watch.bytes() <= with.maxBatchBytes) {
            return List.of(note(first, held, cause, watch.bytes(), heldFrom));
        }
        List<Batch<T>> batches = new ArrayList<>();
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < held.size(); i++) {
            int size = size(held.get(i));
            if (i - from == with.maxBatchRecords || i > from && bytes + size > with.maxBatchBytes) {
                batches.add(
                        note(
                                first + from,
                                new ArrayList<>(held.subList(from, i)),
                                cause,
                                bytes,
                                heldFrom));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        batches.add(
                note(
                        first + from,
                        new ArrayList<>(held.subList(from, held.size())),
                        cause,
                        bytes,
                        heldFrom));
        return batches;
    }

    private Batch<T> note(long first, List<T> records, Cause cause, long bytes, long from) {
        long id = nextBatch++;
        long last = first + records.size() - 1;
        long noted = log == null ? 0 : log.append(Note.BATCH, Note.of(id, first, last, cause.code));
        return new Batch<>(id, first, records.size(), records, cause, 0, bytes, from, noted);
    }

    private void wakeTimer() {
        if (timerIdle || !watch.plain() && watch.dueIn() < Math.max(0, timerAt - clock.nanos())) {
            timerIdle = false;
            timer.signal();
        }
    }

    /** Releases by time. It sleeps past releases by others: a stale deadline is only too early. */
    private void runTimer() {
        lock.lock();
        try {
            while (!closed) {
                long due = watch.dueIn();
                if (due == TriggerWatch.NEVER) {
                    timerIdle = true;
                    timer.await();
                } else if (due > 0 || !watch.fires()) {
                    sleepUntil(clock.nanos() + Math.max(due, 1));
                } else if (release(cause()) == 0) {
                    sleepUntil(clock.nanos() + RETRY_NANOS);
                } else if (telling) {
                    lock.unlock();
                    try {
                        tell();
                    } finally {
                        lock.lock();
                    }
                }
            }
        } catch (InterruptedException e) {
            // Nobody has this thread to interrupt it but the end of the process.
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void sleepUntil(long nanos) throws InterruptedException {
        timerAt = nanos;
        clock.await(lock, timer, nanos);
    }

    /**
     * Hands out the next batch, waiting for one up to {@code deadline}; empty if none came. At most
     * one batch is out at a time: until it is committed or failed, others wait.
     *
     * @throws RecordException if a release could not be noted in the journal
     */
    public Optional<Batch<T>> take(Duration deadline) throws InterruptedException {
        Batch<T> batch;
        lock.lockInterruptibly();
        try {
            throwTrouble();
            if (taken != null || ready.isEmpty()) {
                awaitBatch(deadline);
            }
            if (taken != null || ready.isEmpty()) {
                return Optional.empty();
            }
            batch = ready.remove();
            released -= batch.size();
            taken = batch;
        } finally {
            lock.unlock();
        }
        if (log == null || codec == null) {
            return Optional.of(batch);
        }
        return Optional.of(prepare(batch, log, codec));
    }

    private void awaitBatch(Duration deadline) throws InterruptedException {
        long end = clock.nanos() + deadline.toNanos();
        while ((taken != null || ready.isEmpty()) && !closed && end - clock.nanos() > 0) {
            clock.await(lock, batchMoved, end);
            throwTrouble();
        }
    }

    private void throwTrouble() {
        RuntimeException cause = trouble;
        if (cause != null) {
            trouble = null;
            throw new RecordException(
                    Fault.LOG,
                    "a release could not be noted and stays held: " + cause.getMessage(),
                    cause);
        }
    }

    /** A batch leaves only when nothing can take its id back, and with its records in memory. */
    private Batch<T> prepare(Batch<T> batch, RecordLog from, Codec<T> decoding) {
        try {
            from.sync(batch.noted());
            if (!batch.spilled()) {
                return batch;
            }
            Batch<T> whole = batch.with(unspill(batch, from, decoding));
            lock.lock();
            try {
                taken = whole;
                inMemory += whole.size();
            } finally {
                lock.unlock();
            }
            return whole;
        } catch (RuntimeException e) {
            putBack(batch);
            throw e;
        }
    }

    private List<T> unspill(Batch<T> batch, RecordLog from, Codec<T> decoding) {
        List<T> records = new ArrayList<>(batch.size());
        from.read(
                batch.from(),
                entry -> {
                    if (entry.kind() == Note.RECORD) {
                        ByteBuffer payload = entry.payload();
                        long sequence = payload.getLong();
                        if (sequence >= batch.first() && sequence <= batch.last()) {
                            records.add(decoding.decode(Note.rest(payload)));
                        }
                    }
                },
                batch.noted());
        return records;
    }

    private void putBack(Batch<T> batch) {
        lock.lock();
        try {
            taken = null;
            ready.addFirst(batch);
            released += batch.size();
            batchMoved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The consumer's word that {@code batch} is safely elsewhere. On a journal it returns when that
     * is as durable as {@link #durability}.
     *
     * @throws RecordException if it is not the batch that is out
     */
    public void commit(Batch<T> batch) {
        long position = 0;
        long trim = 0;
        lock.lock();
        try {
            Batch<T> mine = mine(batch);
            if (log != null) {
                position = log.append(Note.COMMIT, Note.of(mine.id(), mine.first(), mine.last()));
            }
            committed += mine.size();
            leave(mine);
            if (telling) {
                event(listener -> listener.committed(facts(mine)));
            }
            if (log != null && ++commits % COMMITS_PER_TRIM == 0) {
                trim = oldest(position);
                position = log.append(Note.SNAPSHOT, snapshot());
            }
        } finally {
            lock.unlock();
            tell();
        }
        if (log != null && (with.durability == Durability.SYNCED || trim > 0)) {
            log.sync(position);
            if (trim > 0) {
                log.trim(trim);
            }
        }
    }

    private long oldest(long position) {
        long oldest = position;
        if (!held.isEmpty()) {
            oldest = Math.min(oldest, heldFrom);
        }
        for (Batch<T> batch : ready) {
            oldest = Math.min(oldest, batch.from());
        }
        for (long letter : deadPositions.values()) {
            oldest = Math.min(oldest, letter);
        }
        return oldest;
    }

    private byte[] snapshot() {
        DropReason[] reasons = DropReason.values();
        long[] values = new long[3 + reasons.length];
        values[0] = committed;
        values[1] = nextSequence;
        values[2] = nextBatch;
        for (DropReason reason : reasons) {
            values[2 + reason.code] = dropped.getOrDefault(reason, 0L);
        }
        return Note.of(values);
    }

    private Batch<T> mine(Batch<T> batch) {
        Batch<T> out = taken;
        if (out == null || out.id() != batch.id()) {
            throw new RecordException(
                    Fault.WRONG_BATCH,
                    batch
                            + " is not out: "
                            + (out == null ? "no batch is" : out + " is")
                            + "; take it again before committing or failing it");
        }
        return out;
    }

    /** The taken batch is gone from the buffer. */
    private void leave(Batch<T> batch) {
        taken = null;
        inMemory -= batch.size();
        batchMoved.signalAll();
        room.signalAll();
    }

    /**
     * The consumer could not take {@code batch}: it is the next one handed out, counted.
     *
     * @throws RecordException if it is not the batch that is out
     */
    public void fail(Batch<T> batch, String reason) {
        lock.lock();
        try {
            Batch<T> mine = mine(batch);
            if (log != null) {
                log.append(Note.FAILED, Note.of(mine.id()));
            }
            taken = null;
            Batch<T> again = mine.again();
            ready.addFirst(again);
            released += again.size();
            batchMoved.signalAll();
            event(listener -> listener.failed(facts(again), reason));
        } finally {
            lock.unlock();
            tell();
        }
    }

    /** Divides the taken batch into halves with ids of their own; the next two handed out. */
    void split(Batch<T> batch) {
        lock.lock();
        try {
            Batch<T> mine = mine(batch);
            int half = mine.size() / 2;
            if (half == 0) {
                throw new IllegalArgumentException("a batch of one record cannot be divided");
            }
            long a = nextBatch++;
            long b = nextBatch++;
            long second = mine.first() + half;
            long noted = mine.noted();
            if (log != null) {
                noted =
                        log.append(
                                Note.SPLIT,
                                Note.of(
                                        mine.id(),
                                        mine.first(),
                                        second,
                                        mine.last(),
                                        mine.cause().code,
                                        a,
                                        b));
            }
            taken = null;
            ready.addFirst(part(mine, b, second, half, mine.size(), noted));
            ready.addFirst(part(mine, a, mine.first(), 0, half, noted));
            released += mine.size();
            batchMoved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private Batch<T> part(Batch<T> whole, long id, long first, int from, int to, long noted) {
        List<T> records = new ArrayList<>(whole.records().subList(from, to));
        long bytes = 0;
        for (T record : records) {
            bytes += size(record);
        }
        return new Batch<>(
                id,
                first,
                records.size(),
                records,
                whole.cause(),
                whole.redeliveries(),
                bytes,
                whole.from(),
                noted);
    }

    /** Gives the taken batch up: it is kept as a dead letter, and the next one may go. */
    public void deadLetter(Batch<T> batch, String reason) {
        lock.lock();
        try {
            Batch<T> mine = mine(batch);
            if (log != null) {
                log.append(Note.DEAD, Note.dead(mine.id(), mine.first(), mine.last(), reason));
                deadPositions.put(mine.id(), mine.from());
            }
            dead.put(mine.id(), new DeadLetter<>(mine.id(), mine.first(), reason, mine.records()));
            long count = mine.size();
            dropped.merge(DropReason.DEAD_LETTER, count, Long::sum);
            leave(mine);
            event(listener -> listener.dropped(DropReason.DEAD_LETTER, count));
        } finally {
            lock.unlock();
            tell();
        }
    }

    /** The dead letters, oldest first. */
    public List<DeadLetter<T>> deadLetters() {
        lock.lock();
        try {
            return List.copyOf(dead.values());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds the records of a dead letter again, as new ones, and then forgets it. A crash in between
     * leaves both.
     *
     * @throws RecordException if it is not there, or as {@link #addAll}
     */
    public Receipt replay(DeadLetter<T> letter) {
        lock.lock();
        try {
            if (!dead.containsKey(letter.batch())) {
                throw new RecordException(
                        Fault.WRONG_BATCH, "no dead letter of batch " + letter.batch());
            }
        } finally {
            lock.unlock();
        }
        Receipt receipt = addAll(letter.records());
        lock.lock();
        try {
            if (log != null) {
                log.append(Note.REPLAYED, Note.of(letter.batch()));
            }
            dead.remove(letter.batch());
            deadPositions.remove(letter.batch());
        } finally {
            lock.unlock();
        }
        return receipt;
    }

    /**
     * Releases what is held, now.
     *
     * @return the number of batches that it made; 0 if nothing was held
     */
    public int flush() {
        lock.lock();
        try {
            int batches = release(Cause.FLUSH);
            throwTrouble();
            return batches;
        } finally {
            lock.unlock();
            tell();
        }
    }

    /**
     * The reference's flag: the next add releases everything, its own records included, whatever
     * the trigger says. The flag is gone after that add even if nothing was held.
     */
    public void releaseAtNextTransfer() {
        lock.lock();
        try {
            armed = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Releases what is held, and waits until everything is committed, or {@code deadline}.
     *
     * @return how many records are left
     */
    public long drain(Duration deadline) throws InterruptedException {
        flush();
        lock.lockInterruptibly();
        try {
            awaitEmpty(deadline);
            return left();
        } finally {
            lock.unlock();
        }
    }

    private void awaitEmpty(Duration deadline) throws InterruptedException {
        long end = clock.nanos() + deadline.toNanos();
        while (left() > 0 && end - clock.nanos() > 0) {
            clock.await(lock, batchMoved, end);
        }
    }

    private long left() {
        Batch<T> out = taken;
        return held.size() + released + (out == null ? 0 : out.size());
    }

    /**
     * Discards what is held and not released, as counted drops.
     *
     * @return how many records that were
     */
    public int reset() {
        lock.lock();
        try {
            int count = held.size();
            if (count > 0) {
                drop(DropReason.RESET, nextSequence - count, count);
            }
            held = new ArrayList<>();
            inMemory -= count;
            armed = false;
            watch.released();
            room.signalAll();
            event(listener -> listener.onReset(true));
            return count;
        } finally {
            lock.unlock();
            tell();
        }
    }

    /** Where every accepted record is. */
    public Ledger ledger() {
        lock.lock();
        try {
            long accepted = nextSequence - 1 + dropped.getOrDefault(DropReason.NEWEST, 0L);
            return new Ledger(accepted, committed, left(), dropped);
        } finally {
            lock.unlock();
        }
    }

    /** How the buffer stands now. */
    public Gauges gauges() {
        lock.lock();
        try {
            Batch<T> out = taken;
            return new Gauges(
                    held.size(),
                    watch.bytes(),
                    released,
                    out == null ? 0 : out.size(),
                    timed ? watch.ageOfFirst() : Duration.ZERO,
                    dead.size(),
                    watch.predicateFailures(),
                    listenerFailures,
                    with.trigger.canRelease());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes no more records. In memory, what is held is released, and consumers have until {@code
     * deadline} to commit; the rest is dropped and counted. On a journal, batches that are released
     * have until then, and the rest stays where it is.
     *
     * @return what was left, and where
     */
    public Left close(Duration deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            closing = true;
            if (log == null) {
                release(Cause.FLUSH);
            }
            long end = clock.nanos() + deadline.toNanos();
            while (left() - (log == null ? 0 : held.size()) > 0 && end - clock.nanos() > 0) {
                clock.await(lock, batchMoved, end);
            }
            long left = left();
            if (!closed) {
                end(left);
            }
            return new Left(left, durability());
        } finally {
            lock.unlock();
            tell();
        }
    }

    private void end(long left) {
        closed = true;
        batchMoved.signalAll();
        room.signalAll();
        timer.signalAll();
        if (log != null) {
            log.close();
        } else if (left > 0) {
            dropped.merge(DropReason.CLOSED, left, Long::sum);
            held = new ArrayList<>();
            ready.clear();
            taken = null;
            released = 0;
            event(listener -> listener.dropped(DropReason.CLOSED, left));
        }
    }

    /** As {@link #close(Duration)} without waiting. */
    @Override
    public void close() {
        try {
            close(Duration.ZERO);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordException(Fault.CLOSED, "interrupted while closing; close again", e);
        }
    }

    Clock clock() {
        return clock;
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void checkOpen() {
        if (closing) {
            throw new RecordException(Fault.CLOSED, "the buffer is closed; open another");
        }
    }

    private RecordListener.Facts facts(Batch<T> batch) {
        return new RecordListener.Facts(
                batch.id(),
                batch.first(),
                batch.last(),
                batch.cause(),
                batch.redeliveries(),
                batch.bytes());
    }

    private void event(Consumer<RecordListener> event) {
        if (telling) {
            events.add(event);
        }
    }

    /** Tells the listeners what happened, with the lock free. */
    private void tell() {
        if (!telling) {
            return;
        }
        List<Consumer<RecordListener>> now;
        lock.lock();
        try {
            now = events;
            events = new ArrayList<>();
        } finally {
            lock.unlock();
        }
        for (Consumer<RecordListener> event : now) {
            for (RecordListener listener : with.listeners) {
                try {
                    event.accept(listener);
                } catch (RuntimeException e) {
                    lock.lock();
                    try {
                        listenerFailures++;
                    } finally {
                        lock.unlock();
                    }
                }
            }
        }
    }
}
