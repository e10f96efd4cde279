package dev.forebay.run;

import dev.forebay.base.ForebayException;

/** An executor could not reach, read or remove what it has of runs; the cause says why. */
public final class ExecutorException extends ForebayException {
    public ExecutorException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return true;
    }
}
