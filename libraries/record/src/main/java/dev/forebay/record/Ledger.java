package dev.forebay.record;

import java.util.Map;

/**
 * Where every accepted record is: {@code accepted = committed + held + dropped}, across restarts of
 * a buffer on a journal.
 *
 * @param accepted records that an add took
 * @param committed records of committed batches
 * @param held records in the buffer: held, released or taken
 * @param dropped records that left otherwise, by reason
 */
public record Ledger(long accepted, long committed, long held, Map<DropReason, Long> dropped) {
    /** Copies the counts. */
    public Ledger {
        dropped = Map.copyOf(dropped);
    }

    /** {@return all dropped records} */
    public long droppedInAll() {
        return dropped.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Whether nothing is missing and nothing is there twice.
     *
     * @return true if every record is accounted for
     */
    public boolean balances() {
        return accepted == committed + held + droppedInAll();
    }
}
