package dev.forebay.base;

import org.jspecify.annotations.Nullable;

/**
 * What the product throws when it cannot do what it was asked. Every kind answers one question,
 * {@link #mayRetry}, and its message carries expected, actual, limit and the next step.
 */
public abstract class ForebayException extends RuntimeException {
    protected ForebayException(String message) {
        super(message);
    }

    protected ForebayException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether the same call may succeed later, unchanged, on the same object. */
    public abstract boolean mayRetry();
}
