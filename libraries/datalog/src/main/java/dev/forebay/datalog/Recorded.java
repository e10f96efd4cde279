package dev.forebay.datalog;

import dev.forebay.base.Durability;
import java.util.List;

/**
 * What became of entries that were given to the log.
 *
 * @param durability what the entries that were taken survive
 * @param refusals those that were not taken, in the order in which they were given
 */
public record Recorded(Durability durability, List<Refusal> refusals) {
    /** Copies the list. */
    public Recorded {
        refusals = List.copyOf(refusals);
    }
}
