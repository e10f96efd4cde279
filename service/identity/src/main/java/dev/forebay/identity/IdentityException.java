package dev.forebay.identity;

import dev.forebay.base.ForebayException;

/** A change of the users that is refused, by what the caller can do about it. */
public final class IdentityException extends ForebayException {
    /** The classes of refusal. */
    public enum Kind {
        /** A name or a password is not what it must be. */
        INVALID,
        /** There is a user of that name already. */
        TAKEN,
        /** There is no user of that name. */
        NOT_FOUND,
        /** There are as many users as there may be. */
        FULL,
        /** Too many passwords are being checked; the same call may succeed later. */
        BUSY
    }

    private final Kind kind;

    IdentityException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    @Override
    public boolean mayRetry() {
        return kind == Kind.BUSY;
    }
}
