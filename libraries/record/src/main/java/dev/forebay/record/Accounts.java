package dev.forebay.record;

import java.util.EnumMap;
import java.util.Map;

/** The counters of the ledger, and the ids of batches. A component of {@link BufferState}. */
final class Accounts {
    private final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    private long committed;
    private long nextBatch = 1;

    void resume(long committedBefore, long nextBatchId, Map<DropReason, Long> droppedBefore) {
        committed = committedBefore;
        nextBatch = nextBatchId;
        dropped.putAll(droppedBefore);
    }

    long nextBatch() {
        return nextBatch++;
    }

    void committed(long records) {
        committed += records;
    }

    void dropped(DropReason reason, long records) {
        dropped.merge(reason, records, Long::sum);
    }

    /**
     * The ledger, with {@code left} records in the buffer and {@code next} the next sequence
     * number.
     */
    Ledger ledger(long next, long left) {
        long accepted = next - 1 + dropped.getOrDefault(DropReason.NEWEST, 0L);
        return new Ledger(accepted, committed, left, dropped);
    }

    /** All counters, with {@code next} the next sequence number. */
    LogEntry.Counters counters(long next) {
        return new LogEntry.Counters(committed, next, nextBatch, Map.copyOf(dropped));
    }
}
