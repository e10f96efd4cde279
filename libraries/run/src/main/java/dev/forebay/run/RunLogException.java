package dev.forebay.run;

import dev.forebay.base.ForebayException;
import java.io.IOException;

/** A log, or the rest of it, cannot be read. */
public final class RunLogException extends ForebayException {
    RunLogException(String message, IOException cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
