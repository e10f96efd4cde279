package dev.forebay.run;

import dev.forebay.base.ByteSize;
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

    /** Checks that the parts go together. */
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

    /**
     * The program ended by itself; a code of 129 to 192 means that a signal ended it.
     *
     * @param code 0 to 255
     * @return that outcome
     */
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

    /**
     * The kernel has ended the program because of its limit on memory.
     *
     * @param limit that of the program
     * @param code with which it exited, not 0
     * @return that outcome
     */
    public static Outcome exceededMemory(ByteSize limit, int code) {
        return failed(
                "Main exceeded its memory limit of %s and exited with code %d"
                        .formatted(limit, code));
    }

    /**
     * The run could not be executed, or not to its end.
     *
     * @param reason for the user
     * @return that outcome
     */
    public static Outcome failed(String reason) {
        return new Outcome(RunStatus.FAILED, Optional.of(reason));
    }

    /**
     * The run was ended because a user asked for it.
     *
     * @param reason for the user
     * @return that outcome
     */
    public static Outcome canceled(String reason) {
        return new Outcome(RunStatus.CANCELED, Optional.of(reason));
    }

    /**
     * The run took longer than its order allows.
     *
     * @param limit that of the order
     * @return that outcome
     */
    public static Outcome timedOut(Duration limit) {
        return failed("Run exceeded its timeout of " + limit.toSeconds() + " seconds");
    }

    /**
     * The server that the run depended on ended before the run.
     *
     * @return that outcome
     */
    public static Outcome serverLost() {
        return failed("server lost");
    }

    /**
     * Bytes of a buffer did not reach the program, or the program's bytes not their buffer.
     *
     * @param failure which buffer, and why
     * @return that outcome
     */
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

    /**
     * Whether the program ended by itself with code 0, and nothing else failed.
     *
     * @return true if so
     */
    public boolean succeeded() {
        return status == RunStatus.SUCCEEDED;
    }
}
