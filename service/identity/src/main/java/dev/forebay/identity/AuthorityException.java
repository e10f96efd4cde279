package dev.forebay.identity;

import dev.forebay.base.ForebayException;

/** The server's authority cannot certify what it was asked to; the message has the next step. */
public final class AuthorityException extends ForebayException {
    AuthorityException(String message) {
        super(message);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
