package dev.forebay.record;

import dev.forebay.base.TriggerWatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The records that are held back, and the watch that says when they go. The buffer's lock is held,
 * except for {@link #addEasily}.
 *
 * <p>While a record more can neither fire the trigger nor fill the buffer, it is only put on the
 * list, and that needs no lock: a <em>turn</em> of a few stores, taken and given back with one
 * atomic operation where a lock needs two. How many records are that easy is said by {@link #open}
 * when the lock is given back. Whatever else touches the list {@link #settle}s first: nobody adds
 * easily from then on, and the watch is told of those who did.
 */
final class HeldRecords<T> {
    private static final int SPINS_BEFORE_PAUSE = 64;
    private static final long PAUSE_NANOS = 10_000;
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(HeldRecords.class, "turn", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final TriggerWatch<T> watch;

    /** The same watch, asked about records. */
    final RecordWatch<T> matches;

    /** 0: free. 1: somebody adds easily, and waits for nothing, or whoever settled has kept it. */
    @SuppressWarnings("unused") // Through TURN.
    private volatile int turn = 1;

    /** How many records more are easy; changed with the turn. */
    private int easy;

    /** Changed with the turn. */
    private List<T> records = new ArrayList<>();

    /** The encoded bytes of each, as they were measured when it came; empty if nothing measures. */
    private int[] sizes = Batch.UNMEASURED;

    private final boolean measures;

    /** The sequence number of the first of them, or of the next record. */
    private long first = 1;

    /** When an empty list got its first record; changed with the turn. */
    private long cameAt;

    /** Whether the turn was given away; changed with the lock. */
    private boolean open;

    /** How many of the records the watch knows. */
    private int noted;

    /** Whether the watch has to be told of a release, or only that the records went. */
    private final boolean datesReleases;

    HeldRecords(RecordWatch<T> matches, boolean asksLastRelease, boolean measures) {
        this.matches = matches;
        watch = matches.facts;
        this.measures = measures;
        datesReleases = asksLastRelease || !watch.plain();
    }

    /**
     * Adds a record without the lock if that is easy now.
     *
     * @return its sequence number, or 0: then take the lock
     */
    long addEasily(T record) {
        if (easy <= 0 || !TURN.compareAndSet(this, 0, 1)) { // The first look may be stale.
            return 0;
        }
        try {
            if (easy <= 0) {
                return 0;
            }
            easy--;
            if (records.isEmpty()) {
                cameAt = watch.reading();
            }
            records.add(record);
            return first + records.size() - 1;
        } finally {
            TURN.setRelease(this, 0);
        }
    }

    /** The next {@code count} records are easy; the last thing before the lock is given back. */
    void open(long count) {
        if (count > 0) {
            easy = (int) Math.min(count, Integer.MAX_VALUE);
            open = true;
            TURN.setRelease(this, 0);
        }
    }

    /** Nobody adds easily from now on. */
    void settle() {
        if (!open) {
            return;
        }
        for (int spins = 0; !TURN.compareAndSet(this, 0, 1); spins++) {
            if (spins < SPINS_BEFORE_PAUSE) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS); // Whoever has it was put off the processor.
            }
        }
        open = false;
        easy = 0;
        int easily = records.size() - noted;
        if (easily > 0) {
            noted += easily;
            watch.caughtUp(easily, cameAt);
        }
    }

    /** Takes in one record; whether it is time to release. */
    boolean add(T record, int size, long answer) {
        settle();
        long at = watch.readingForNext(); // First, so that a clock that throws changes nothing.
        if (measures) {
            measure(records.size(), size);
        }
        records.add(record);
        noted++;
        return matches.added(records, size, answer, at);
    }

    private void measure(int index, int size) {
        if (index >= sizes.length) {
            sizes = Arrays.copyOf(sizes, Math.max(16, index + (index >> 1)));
        }
        sizes[index] = size;
    }

    /** Takes up what was held before a reopening, and where the numbers go on. */
    void resume(List<T> held, int[] heldSizes, long next) {
        records = new ArrayList<>(held);
        sizes = heldSizes;
        noted = records.size();
        first = next - held.size();
    }

    List<T> records() {
        settle();
        return records;
    }

    /** The encoded bytes of each record; longer than there are records, or empty. */
    int[] sizes() {
        return sizes;
    }

    int size() {
        settle();
        return records.size();
    }

    long first() {
        return first;
    }

    /** The sequence number of the next record. */
    long next() {
        settle();
        return first + records.size();
    }

    /** Everything goes; the list is the caller's. */
    List<T> letGo() {
        settle();
        List<T> all = records;
        List<T> next = new ArrayList<>(all.size());
        if (datesReleases) {
            matches.released(); // Reads the clock, before anything has changed.
        } else {
            watch.dropped(noted, watch.bytes());
        }
        records = next;
        sizes = measures ? new int[sizes.length] : sizes;
        first += all.size();
        noted = 0;
        return all;
    }

    /** The first {@code count}, of {@code size} bytes, go; the rest stays with its ages. */
    void letGoFirst(int count, long size) {
        settle();
        if (measures) {
            sizes = Arrays.copyOfRange(sizes, count, sizes.length);
        }
        records.subList(0, count).clear();
        noted -= count;
        first += count;
        watch.dropped(count, size);
    }

    /** The oldest goes alone. */
    void dropOldest() {
        settle();
        letGoFirst(1, measures ? sizes[0] : 0);
    }
}
