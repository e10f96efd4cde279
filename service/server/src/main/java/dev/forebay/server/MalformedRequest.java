package dev.forebay.server;

import dev.forebay.base.ForebayException;

/** The HTTP library refused a request before, or while, this server read it. */
final class MalformedRequest extends ForebayException {
    private final int status;

    MalformedRequest(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }

    @Override
    public boolean mayRetry() {
        return status >= 500;
    }
}
