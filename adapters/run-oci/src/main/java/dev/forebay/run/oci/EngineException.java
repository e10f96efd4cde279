package dev.forebay.run.oci;

import java.io.IOException;

/** The engine answered that it cannot do what it was asked for. */
final class EngineException extends IOException {
    private static final int NOT_FOUND = 404;

    private final int status;

    EngineException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** What was asked for does not exist. */
    boolean isMissing() {
        return status == NOT_FOUND;
    }
}
