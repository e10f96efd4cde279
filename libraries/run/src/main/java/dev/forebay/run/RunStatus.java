package dev.forebay.run;

import java.util.Arrays;
import java.util.Optional;

/** Where a run is in its life. */
public enum RunStatus {
    /** It waits for its start. */
    PENDING("Pending"),
    /** Its program runs. */
    RUNNING("Running"),
    /** It ended, and not as it should. */
    FAILED("Failed"),
    /** It ended as it should, and its outputs are complete. */
    SUCCEEDED("Succeeded"),

    /** A cancel was asked for, and the program may still run. */
    CANCELING("Canceling"),
    /** It ended since a cancel was asked for. */
    CANCELED("Canceled");

    private final String text;

    RunStatus(String text) {
        this.text = text;
    }

    /** {@return the word that users see, such as {@code Succeeded}} */
    public String text() {
        return text;
    }

    /**
     * {@return the status with this word, in any case}
     *
     * @param text such as {@code running}
     */
    public static Optional<RunStatus> of(String text) {
        return Arrays.stream(values())
                .filter(status -> status.text.equalsIgnoreCase(text))
                .findFirst();
    }

    /**
     * Whether the run has ended; then its status never changes again.
     *
     * @return true if it has
     */
    public boolean isFinal() {
        return switch (this) {
            case SUCCEEDED, FAILED, CANCELED -> true;
            case PENDING, RUNNING, CANCELING -> false;
        };
    }
}
