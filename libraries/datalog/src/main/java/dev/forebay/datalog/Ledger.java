package dev.forebay.datalog;

import java.util.Map;

/**
 * Where every entry is. After a crash {@code refused} may miss the refusals of the last second.
 *
 * @param taken how many entries were taken since the log was made
 * @param held how many of them are in its pages
 * @param lost how many of them are gone, by the way they went
 * @param refused how many entries were not taken, by the reason
 */
public record Ledger(
        long taken, long held, Map<Loss, Long> lost, Map<Refusal.Reason, Long> refused) {
    /** Copies the counts. */
    public Ledger {
        lost = Map.copyOf(lost);
        refused = Map.copyOf(refused);
    }

    /**
     * Whether all that was taken is held or lost.
     *
     * @return true if it is
     */
    public boolean balances() {
        return taken == held + lost.values().stream().mapToLong(Long::longValue).sum();
    }
}
