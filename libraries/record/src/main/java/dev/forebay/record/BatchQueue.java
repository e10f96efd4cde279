package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The released batches, oldest first, and the one that is out. The buffer's lock is held.
 *
 * <p>A spilled batch has its place here and its records in the journal.
 */
final class BatchQueue<T> {
    private final ArrayDeque<Batch<T>> ready = new ArrayDeque<>();
    private @Nullable Batch<T> taken;
    private long waiting;
    private long inMemory;

    /** A batch was released. */
    void offer(Batch<T> batch) {
        ready.add(batch);
        count(batch, 1);
    }

    private void count(Batch<T> batch, int sign) {
        waiting += (long) sign * batch.size();
        if (!batch.spilled()) {
            inMemory += (long) sign * batch.size();
        }
    }

    /** Whether a batch can be handed out. */
    boolean available() {
        return taken == null && !ready.isEmpty();
    }

    Batch<T> take() {
        Batch<T> batch = ready.remove();
        waiting -= batch.size();
        taken = batch;
        return batch;
    }

    /** The spilled batch that is out has its records again. */
    void loaded(Batch<T> whole) {
        taken = whole;
        inMemory += whole.size();
    }

    /** The batch that is out, if it is {@code batch}. */
    Batch<T> mine(Batch<T> batch) {
        Batch<T> out = taken;
        if (out == null || out.id() != batch.id()) {
            throw new RecordException(
                    Fault.WRONG_BATCH,
                    batch
                            + " is not out: "
                            + (out == null ? "no batch is" : out + " is")
                            + "; it was answered for already, or the buffer was closed: take the"
                            + " next");
        }
        return out;
    }

    /** Whether this very hand-over of the batch is out. */
    boolean isOut(Batch<T> batch) {
        Batch<T> out = taken;
        return out != null && out.id() == batch.id() && out.redeliveries() == batch.redeliveries();
    }

    /** The batch that is out is gone from the buffer. */
    void leave() {
        Batch<T> out = taken;
        if (out != null && !out.spilled()) {
            inMemory -= out.size();
        }
        taken = null;
    }

    /** {@code batches} take the place of the one that is out, and are the next handed out. */
    void comeBack(List<Batch<T>> batches) {
        leave();
        for (Batch<T> batch : batches.reversed()) {
            ready.addFirst(batch);
            count(batch, 1);
        }
    }

    /** The oldest that waits. */
    @Nullable Batch<T> oldestWaiting() {
        return ready.peek();
    }

    /** The oldest that is not committed. */
    @Nullable Batch<T> oldest() {
        return taken == null ? ready.peek() : taken;
    }

    void dropOldestWaiting() {
        count(ready.remove(), -1);
    }

    /** Takes the records of waiting batches out of memory, newest first, until so many are. */
    void spill(long records) {
        long left = records;
        ArrayDeque<Batch<T>> kept = new ArrayDeque<>();
        while (!ready.isEmpty()) {
            Batch<T> newest = ready.removeLast();
            if (left > 0 && !newest.spilled()) {
                left -= newest.size();
                inMemory -= newest.size();
                newest = newest.with(List.of());
            }
            kept.addFirst(newest);
        }
        ready.addAll(kept);
    }

    /** Records of batches that nobody has taken. */
    long waiting() {
        return waiting;
    }

    /** Records of the batch that is out. */
    long inFlight() {
        Batch<T> out = taken;
        return out == null ? 0 : out.size();
    }

    /** Records in memory, waiting or out. */
    long inMemory() {
        return inMemory;
    }

    /** Forgets everything. */
    void clear() {
        ready.clear();
        taken = null;
        waiting = 0;
        inMemory = 0;
    }
}
