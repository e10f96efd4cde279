package dev.forebay.control;

import dev.forebay.base.DamagedException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The states of a run. */
public enum RunStatus {
    PENDING(0, "Pending", false),
    RUNNING(1, "Running", false),
    FAILED(2, "Failed", true),
    SUCCEEDED(3, "Succeeded", true),
    CANCELING(4, "Canceling", false),
    CANCELED(5, "Canceled", true);

    private final int code;
    private final String word;
    private final boolean last;

    RunStatus(int code, String word, boolean last) {
        this.code = code;
        this.word = word;
        this.last = last;
    }

    /** As it is stored. */
    int code() {
        return code;
    }

    /** The state that is stored so. */
    static RunStatus ofCode(int code) {
        return Arrays.stream(values())
                .filter(status -> status.code == code)
                .findFirst()
                .orElseThrow(() ->
                        new DamagedException(
                                "the catalogue has a run of status %d; expected 0 to %d"
                                        .formatted(code, values().length - 1)));
    }

    /** As it is written on the wire. */
    public String word() {
        return word;
    }

    /** True if no other state follows. */
    public boolean isFinal() {
        return last;
    }

    /** The state of that name, in any case. */
    static Optional<RunStatus> of(String text) {
        return Arrays.stream(values())
                .filter(status -> status.word.equalsIgnoreCase(text))
                .findFirst();
    }

    static String words() {
        return Arrays.stream(values()).map(RunStatus::word).collect(Collectors.joining(", "));
    }
}
