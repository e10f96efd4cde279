package dev.forebay.run;

import dev.forebay.base.ForebayException;

/** The executor has nothing of a run with this number. */
public final class NoSuchRunException extends ForebayException {
    /**
     * There is no such run.
     *
     * @param run its number
     */
    public NoSuchRunException(long run) {
        super("run %d is not known to the executor, or was removed from it".formatted(run));
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
