package dev.forebay.run;

import dev.forebay.base.ForebayException;

/** A log, or the rest of it, cannot be read. */
public final class RunLogException extends ForebayException {
    RunLogException(String message) {
        super(message);
    }

    RunLogException(String message, Exception cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
