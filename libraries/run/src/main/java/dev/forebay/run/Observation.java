package dev.forebay.run;

import java.time.Instant;
import java.util.Optional;

/** What an executor, or a user, has to say about a run. */
public sealed interface Observation {
    /**
     * The program runs.
     *
     * @param at when it was started
     */
    record Started(Instant at) implements Observation {}

    /**
     * The run is to end early; it has not ended yet.
     *
     * @param reason for the run's state
     */
    record CancelAsked(String reason) implements Observation {}

    /**
     * The run has ended: no process of it is left and its outputs have their end markers.
     *
     * @param outcome how
     * @param at when
     * @param program the {@link Executor#digest} of what was executed; empty if that is not known,
     *     or the run has not succeeded
     */
    record Ended(Outcome outcome, Instant at, Optional<String> program) implements Observation {
        /**
         * An end of which no digest is known.
         *
         * @param outcome how
         * @param at when
         */
        public Ended(Outcome outcome, Instant at) {
            this(outcome, at, Optional.empty());
        }
    }
}
