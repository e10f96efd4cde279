package dev.forebay.control;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** A request that the catalogue refuses, by what the caller can do about it. */
public final class ControlException extends ForebayException {
    /** The classes of refusal. */
    public enum Kind {
        /** There is no such thing, or it is not in the state that was asked for. */
        NOT_FOUND,
        /** A value is not what it must be; the message says what was expected. */
        INVALID,
        /** The thing is not in the version or the state that the request presumes. */
        PRECONDITION,
        /** The disk or the quota is full; deleting and purging still works. */
        NO_SPACE,
        /** The database or the store failed, or was closed. */
        UNAVAILABLE
    }

    private final Kind kind;

    ControlException(Kind kind, String message) {
        this(kind, message, null);
    }

    ControlException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    @Override
    public boolean mayRetry() {
        return kind == Kind.UNAVAILABLE || kind == Kind.NO_SPACE;
    }
}
