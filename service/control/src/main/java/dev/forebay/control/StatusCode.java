package dev.forebay.control;

import dev.forebay.base.DamagedException;
import dev.forebay.run.RunStatus;
import java.util.Arrays;

/** The status of a run as the catalogue stores it. The numbers never change. */
final class StatusCode {
    private StatusCode() {}

    static int of(RunStatus status) {
        return switch (status) {
            case PENDING -> 0;
            case RUNNING -> 1;
            case FAILED -> 2;
            case SUCCEEDED -> 3;
            case CANCELING -> 4;
            case CANCELED -> 5;
        };
    }

    static RunStatus read(int code) {
        return Arrays.stream(RunStatus.values())
                .filter(status -> of(status) == code)
                .findFirst()
                .orElseThrow(() ->
                        new DamagedException(
                                "the catalogue has a run of status %d; expected 0 to %d"
                                        .formatted(code, RunStatus.values().length - 1)));
    }
}
