package dev.forebay.run;

import dev.forebay.base.ForebayException;

/** The other side of a relay has failed, or its run has. */
public final class RelayException extends ForebayException {
    RelayException(String message) {
        super(message);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
