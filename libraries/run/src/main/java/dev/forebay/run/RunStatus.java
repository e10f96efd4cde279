package dev.forebay.run;

import java.util.Arrays;
import java.util.Optional;

/** Where a run is in its life. */
public enum RunStatus {
    PENDING("Pending"),
    RUNNING("Running"),
    FAILED("Failed"),
    SUCCEEDED("Succeeded"),

    /** A cancel was asked for, and the program may still run. */
    CANCELING("Canceling"),
    CANCELED("Canceled");

    private final String text;

    RunStatus(String text) {
        this.text = text;
    }

    /** The word that users see, such as {@code Succeeded}. */
    public String text() {
        return text;
    }

    /** The status with this word, in any case. */
    public static Optional<RunStatus> of(String text) {
        return Arrays.stream(values())
                .filter(status -> status.text.equalsIgnoreCase(text))
                .findFirst();
    }

    /** Whether the run has ended; then its status never changes again. */
    public boolean isFinal() {
        return switch (this) {
            case SUCCEEDED, FAILED, CANCELED -> true;
            case PENDING, RUNNING, CANCELING -> false;
        };
    }
}
