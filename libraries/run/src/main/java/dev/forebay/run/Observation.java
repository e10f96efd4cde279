package dev.forebay.run;

import java.time.Instant;

/** What an executor, or a user, has to say about a run. */
public sealed interface Observation {
    /** The program runs. */
    record Started(Instant at) implements Observation {}

    /** The run is to end early; it has not ended yet. */
    record CancelAsked(String reason) implements Observation {}

    /** The run has ended: no process of it is left and its outputs have their end markers. */
    record Ended(Outcome outcome, Instant at) implements Observation {}
}
