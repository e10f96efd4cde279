package dev.forebay.run;

import java.time.Instant;
import java.util.Optional;

/**
 * The state of a run, and the one place that says which state follows which.
 *
 * <pre>
 *  Pending --Started--> Running --Ended--> Succeeded | Failed | Canceled
 *     |                    |                       ^
 *     +----CancelAsked-----+---> Canceling --Ended-+
 * </pre>
 *
 * <p><b>Guarantee.</b> A final state is reached once: {@link #after} returns the same state for any
 * observation after it. How a run ended is said by the executor alone: a run that succeeded before
 * its cancel took effect is Succeeded.
 *
 * <p>Immutable. Whoever stores it applies {@link #after} to the stored state in one transaction.
 *
 * @param status the word for it
 * @param reason why, if that needs words
 * @param running how many of its programs run
 * @param startedAt when the program was started
 * @param finishedAt when the run ended
 */
public record RunState(
        RunStatus status,
        Optional<String> reason,
        int running,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt) {

    /**
     * The state of a run that nothing was observed of yet.
     *
     * @return that state
     */
    public static RunState pending() {
        return new RunState(
                RunStatus.PENDING, Optional.empty(), 0, Optional.empty(), Optional.empty());
    }

    /**
     * The state after this observation; this state if it changes nothing.
     *
     * @param observation what is new
     * @return that state
     */
    public RunState after(Observation observation) {
        if (status.isFinal()) {
            return this;
        }
        return switch (observation) {
            case Observation.Started(Instant at) -> startedAt.isPresent() ? this : started(at);
            case Observation.CancelAsked(String why) ->
                    status == RunStatus.CANCELING
                            ? this
                            : new RunState(
                                    RunStatus.CANCELING,
                                    Optional.of(why),
                                    running,
                                    startedAt,
                                    finishedAt);
            case Observation.Ended(Outcome outcome, Instant at, _) ->
                    new RunState(
                            outcome.status(),
                            outcome.reason(),
                            0,
                            startedAt,
                            Optional.of(notBefore(at)));
        };
    }

    private RunState started(Instant at) {
        RunStatus next = status == RunStatus.PENDING ? RunStatus.RUNNING : status;
        return new RunState(next, reason, 1, Optional.of(at), finishedAt);
    }

    /** A clock that was set back does not make a run end before it started. */
    private Instant notBefore(Instant end) {
        return startedAt.filter(start -> start.isAfter(end)).orElse(end);
    }
}
