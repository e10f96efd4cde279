package dev.forebay.record;

import java.time.Duration;

/**
 * How a buffer stands at one moment.
 *
 * @param held records held back, not released
 * @param heldBytes their encoded bytes
 * @param released records of batches that wait to be taken
 * @param inFlight records of the taken batch
 * @param oldestAge time since the first held record came, zero unless the trigger has a time
 * @param oldestRelease time since the oldest batch that is not committed was released; measured on
 *     a journal, and in memory if the builder was given {@code stuckAfter}; zero if there is none
 * @param stuck whether that is longer than {@code stuckAfter}
 * @param deadLetters dead letters
 * @param predicateFailures how often a predicate threw
 * @param listenerFailures how often a listener threw
 * @param trimFailures how often the journal could not be trimmed
 * @param canRelease false if the trigger can never fire
 * @param syncs how long calls waited for the journal's syncs
 */
public record Gauges(
        long held,
        long heldBytes,
        long released,
        long inFlight,
        Duration oldestAge,
        Duration oldestRelease,
        boolean stuck,
        int deadLetters,
        long predicateFailures,
        long listenerFailures,
        long trimFailures,
        boolean canRelease,
        SyncTimes syncs) {}
