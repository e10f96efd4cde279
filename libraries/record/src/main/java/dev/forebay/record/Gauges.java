package dev.forebay.record;

import java.time.Duration;

/**
 * How a buffer stands at one moment.
 *
 * @param held records held back, not released
 * @param heldBytes their encoded bytes
 * @param released records of batches that nobody has taken
 * @param inFlight records of the taken batch
 * @param oldestAge time since the first held record came
 * @param deadLetters dead letters
 * @param predicateFailures how often a predicate threw
 * @param listenerFailures how often a listener threw
 * @param canRelease false if the trigger can never fire
 */
public record Gauges(
        long held,
        long heldBytes,
        long released,
        long inFlight,
        Duration oldestAge,
        int deadLetters,
        long predicateFailures,
        long listenerFailures,
        boolean canRelease) {}
