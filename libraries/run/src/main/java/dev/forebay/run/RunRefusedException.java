package dev.forebay.run;

import dev.forebay.base.ForebayException;

/** An executor cannot do what the order asks for; the message says what and what to do instead. */
public final class RunRefusedException extends ForebayException {
    /**
     * The executor cannot do what is asked.
     *
     * @param message what it cannot do, and what to change
     */
    public RunRefusedException(String message) {
        super(message);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
