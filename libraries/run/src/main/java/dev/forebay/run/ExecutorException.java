package dev.forebay.run;

import dev.forebay.base.ForebayException;

/** An executor could not reach, read or remove what it has of runs; the cause says why. */
public final class ExecutorException extends ForebayException {
    /**
     * A fault of the executor or its machine, not of a program.
     *
     * @param message what failed and what to do
     * @param cause what told of it
     */
    public ExecutorException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return true;
    }
}
