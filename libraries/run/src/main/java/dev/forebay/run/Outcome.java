package dev.forebay.run;

import java.time.Duration;
import java.util.Optional;

/**
 * How a run ended.
 *
 * @param status a final one
 * @param reason in words; empty if it succeeded
 */
public record Outcome(RunStatus status, Optional<String> reason) {
    /** The largest status with which a shell reports a signal, 128 + 64. */
    private static final int LAST_SIGNAL = 192;

    public Outcome {
        if (!status.isFinal()) {
            throw new IllegalArgumentException(
                    "a run ends with a final status, not " + status.text());
        }
        if (reason.isEmpty() != (status == RunStatus.SUCCEEDED)) {
            throw new IllegalArgumentException(
                    "a reason belongs to every final status but Succeeded: " + status.text());
        }
    }

    /** The program ended by itself; a code of 129 to 192 means that a signal ended it. */
    public static Outcome exited(int code) {
        if (code == 0) {
            return new Outcome(RunStatus.SUCCEEDED, Optional.empty());
        }
        return failed(
                "Main exited with code "
                        + code
                        + (code > 128 && code <= LAST_SIGNAL
                                ? ", as after signal " + (code - 128)
                                : ""));
    }

    public static Outcome failed(String reason) {
        return new Outcome(RunStatus.FAILED, Optional.of(reason));
    }

    public static Outcome canceled(String reason) {
        return new Outcome(RunStatus.CANCELED, Optional.of(reason));
    }

    public static Outcome timedOut(Duration limit) {
        return failed("Run exceeded its timeout of " + limit.toSeconds() + " seconds");
    }

    /** The server that the run depended on ended before the run. */
    public static Outcome serverLost() {
        return failed("server lost");
    }

    /** Bytes of a buffer did not reach the program, or the program's bytes not their buffer. */
    public static Outcome transferFailed(TransferFailure failure) {
        return failed(
                "%s %s: %s"
                        .formatted(
                                failure.parameter().direction() == Direction.INPUT
                                        ? "input"
                                        : "output",
                                failure.parameter().name(),
                                failure.reason()));
    }

    public boolean succeeded() {
        return status == RunStatus.SUCCEEDED;
    }
}
