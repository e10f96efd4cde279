package dev.forebay.control;

import java.time.Instant;
import java.util.Optional;

/**
 * How far a run is.
 *
 * @param reason why it is so; empty: it needs no words
 * @param runningCount replicas that are running; empty: not known
 * @param startedAt when it was first running
 * @param finishedAt when it reached its final state
 */
public record RunState(
        RunStatus status,
        Optional<String> reason,
        Optional<Integer> runningCount,
        Optional<Instant> startedAt,
        Optional<Instant> finishedAt) {
    /** A run that waits. */
    static final RunState NEW =
            new RunState(
                    RunStatus.PENDING,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());

    /** The same as of another status, which began at {@code now}. */
    public RunState to(RunStatus next, Optional<String> why, Instant now) {
        return new RunState(
                next,
                why,
                next.isFinal() ? Optional.empty() : runningCount,
                next == RunStatus.RUNNING ? startedAt.or(() -> Optional.of(now)) : startedAt,
                next.isFinal() ? Optional.of(now) : Optional.empty());
    }
}
