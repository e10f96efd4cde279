package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import dev.forebay.record.outlet.Batch;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The released batches, oldest first, the one that is out, and the commits that wait for their
 * sync. A component of {@link BufferState}.
 *
 * <p>A spilled batch has its place here and its records in the journal.
 */
final class BatchQueue<T> {
    private final ArrayDeque<ReleasedBatch<T>> ready = new ArrayDeque<>();
    private final @Nullable EntryLog<T> log;

    /** The entries of commits that are not known to be synced, by the id of the batch. */
    private final Map<Long, Long> commits = new HashMap<>();

    private @Nullable ReleasedBatch<T> taken;

    /** Records of batches that wait to be taken. */
    private long waiting;

    /** Records in memory, of batches that wait or are out. */
    private long inMemory;

    BatchQueue(@Nullable EntryLog<T> log) {
        this.log = log;
    }

    /** A batch was released. */
    void offer(ReleasedBatch<T> batch) {
        ready.add(batch);
        count(batch, 1);
    }

    private void count(ReleasedBatch<T> batch, int sign) {
        waiting += (long) sign * batch.size();
        if (!batch.spilled()) {
            inMemory += (long) sign * batch.size();
        }
    }

    /** Whether a batch waits and none is out. */
    boolean available() {
        return taken == null && !ready.isEmpty();
    }

    /** Whether a batch can be handed out without a sync that an add is waiting for already. */
    boolean isReady() {
        ReleasedBatch<T> next = available() ? ready.peek() : null;
        return next != null && (log == null || !log.isSettling(next.noted()));
    }

    ReleasedBatch<T> take() {
        ReleasedBatch<T> batch = ready.remove();
        waiting -= batch.size();
        taken = batch;
        return batch;
    }

    /** The spilled batch that is out has its records again. */
    void loaded(ReleasedBatch<T> whole) {
        taken = whole;
        inMemory += whole.size();
    }

    /** The batch that is out, if it is {@code batch}. */
    ReleasedBatch<T> mine(Batch<T> batch) {
        ReleasedBatch<T> out = taken;
        if (out == null || out.id() != batch.id()) {
            throw new RecordException(
                    Fault.WRONG_BATCH,
                    "batch %d is not out: %s; it was answered for already, or the buffer was closed: take the next"
                            .formatted(batch.id(), out == null ? "no batch is" : out + " is"));
        }
        return out;
    }

    /** Whether the batch is out, by this hand-over and not by a later one. */
    boolean isOut(Batch<T> batch) {
        ReleasedBatch<T> out = taken;
        return out != null && out.id() == batch.id() && out.redeliveries() == batch.redeliveries();
    }

    /** The batch that is out is gone from the buffer. */
    void leave() {
        ReleasedBatch<T> out = taken;
        if (out != null && !out.spilled()) {
            inMemory -= out.size();
        }
        taken = null;
    }

    /** {@code batches} take the place of the one that is out, and are the next handed out. */
    void comeBack(List<ReleasedBatch<T>> batches) {
        leave();
        for (ReleasedBatch<T> batch : batches.reversed()) {
            ready.addFirst(batch);
            count(batch, 1);
        }
    }

    /** The oldest that waits to be taken. */
    @Nullable ReleasedBatch<T> oldestWaiting() {
        return ready.peek();
    }

    /** The oldest that is not committed. */
    @Nullable ReleasedBatch<T> oldest() {
        return taken == null ? ready.peek() : taken;
    }

    void dropOldestWaiting() {
        count(ready.remove(), -1);
    }

    /** Takes at least {@code records} records of waiting batches out of memory, newest first. */
    void spill(long records) {
        long left = records;
        ArrayDeque<ReleasedBatch<T>> kept = new ArrayDeque<>();
        while (!ready.isEmpty()) {
            ReleasedBatch<T> newest = ready.removeLast();
            if (left > 0 && !newest.spilled()) {
                left -= newest.size();
                inMemory -= newest.size();
                newest = newest.with(List.of());
            }
            kept.addFirst(newest);
        }
        ready.addAll(kept);
    }

    /** The batch is committed by this entry, which is not known to be synced. */
    void commitBegins(long id, long entry) {
        commits.put(id, entry);
    }

    void commitEnds(long id) {
        commits.remove(id);
    }

    /** The entry of a commit that is not known to be synced, or 0. */
    long commitOf(long id) {
        return commits.isEmpty() ? 0 : commits.getOrDefault(id, 0L);
    }

    long waiting() {
        return waiting;
    }

    /** Records of the batch that is out. */
    long inFlight() {
        ReleasedBatch<T> out = taken;
        return out == null ? 0 : out.size();
    }

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
