package dev.forebay.client;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** The server refused a request, or could not be asked. */
public final class ControlPlaneException extends ForebayException {
    private final int status;

    ControlPlaneException(int status, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
    }

    /** The HTTP status, or 0 if there was no answer. */
    public int status() {
        return status;
    }

    @Override
    public boolean mayRetry() {
        return status == 0 || status == 429 || status >= 500;
    }
}
