package dev.forebay.spot;

import dev.forebay.base.ForebayException;

/** A capture that was right is not safely in the log. */
final class LostCaptureException extends ForebayException {
    private static final long serialVersionUID = 1;

    LostCaptureException(String message) {
        super(message);
    }

    @Override
    public boolean mayRetry() {
        return true;
    }
}
