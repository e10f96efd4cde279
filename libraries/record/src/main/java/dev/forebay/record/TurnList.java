package dev.forebay.record;

import dev.forebay.base.Clock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The held records of one buffer, as a list to which any thread may add without the buffer's lock
 * while the owner allows it.
 *
 * <p><b>The problem.</b> Most records of a buffer in memory only have to be put on a list: a record
 * more can neither fire the trigger nor fill the buffer. A lock costs two atomic operations a
 * record, which is most of what such an add costs.
 *
 * <p><b>The turn.</b> The list belongs to the thread that has the <em>turn</em>, an atomic flag.
 * The owner of the list, which is the thread that holds the buffer's lock, has the turn to begin
 * with. {@link #open} gives it away together with a number of records: how many more cannot fire
 * the trigger and fit into the buffer. From then on an adder takes the turn with one
 * compare-and-exchange, adds its record and gives the turn back with one release store. A thread
 * that fails to take it, because another has it or the number is used up, gets 0 and takes the
 * lock.
 *
 * <p>{@link #close} takes the turn back for the owner. Whatever else reads or changes the list
 * closes it first, so it sees all records that were added, and no adder adds until it is opened
 * again. An adder waits for nothing while it has the turn, so a close waits for a few stores only,
 * or for the processor if the adder was put off it.
 *
 * <p><b>Why it is safe.</b> All fields but {@link #open} are read and written by the thread that
 * has the turn. Taking it is an acquire and giving it back a release, so each holder sees what the
 * one before it wrote. There is one exception: an adder looks at {@link #easy} before it takes the
 * turn, to leave early. That look may be stale, so it is repeated with the turn.
 *
 * <p>{@link #add} may be called by any thread, all other methods with the buffer's lock held.
 */
final class TurnList<T> {
    private static final int SPINS_BEFORE_PAUSE = 64;
    private static final long PAUSE_NANOS = 10_000;
    private static final VarHandle TURN;

    static {
        try {
            TURN = MethodHandles.lookup().findVarHandle(TurnList.class, "turn", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Read for the first record of a batch; null if no age is asked. */
    private final @Nullable Clock clock;

    /** 0: free. 1: an adder has it, or the owner has kept it. */
    @SuppressWarnings("unused") // Through TURN.
    private volatile int turn = 1;

    /** How many more records may be added without the lock. */
    private int easy;

    private List<T> records = new ArrayList<>();

    /** The sequence number of the first of the records, or of the next one. */
    private long first = 1;

    /** What the clock read when an empty list got its first record by {@link #add}. */
    private long cameAt;

    /** Whether the turn was given away. Of the owner alone. */
    private boolean open;

    TurnList(@Nullable Clock clock) {
        this.clock = clock;
    }

    /**
     * Adds a record if the owner allows it now.
     *
     * @return its sequence number, or 0: then take the lock
     */
    long add(T record) {
        if (easy <= 0 || !TURN.compareAndSet(this, 0, 1)) {
            return 0;
        }
        try {
            if (easy <= 0) {
                return 0;
            }
            easy--;
            if (records.isEmpty() && clock != null) {
                cameAt = clock.nanos();
            }
            records.add(record);
            return first + records.size() - 1;
        } finally {
            TURN.setRelease(this, 0);
        }
    }

    /** Allows {@code count} more records; the last thing before the lock is given back. */
    void open(long count) {
        if (count > 0) {
            easy = (int) Math.min(count, Integer.MAX_VALUE);
            open = true;
            TURN.setRelease(this, 0);
        }
    }

    /** Ends {@link #add} until the next {@link #open}; whether it was open. */
    boolean close() {
        if (!open) {
            return false;
        }
        for (int spins = 0; !TURN.compareAndSet(this, 0, 1); spins++) {
            if (spins < SPINS_BEFORE_PAUSE) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS); // The adder was put off the processor.
            }
        }
        open = false;
        easy = 0;
        return true;
    }

    /** The records; the list is closed. */
    List<T> records() {
        return records;
    }

    /** The sequence number of the first record, or of the next one. */
    long first() {
        return first;
    }

    long cameAt() {
        return cameAt;
    }

    /** Goes on with these records, from this number on; the list is closed. */
    void replace(List<T> newRecords, long newFirst) {
        records = newRecords;
        first = newFirst;
    }
}
