package dev.forebay.base;

import org.jspecify.annotations.Nullable;

/**
 * What the product throws when it cannot do what it was asked. Every kind answers one question,
 * {@link #mayRetry}, and its message carries expected, actual, limit and the next step.
 */
public abstract class ForebayException extends RuntimeException {
    /**
     * A failure that was found by looking.
     *
     * @param message what was expected, what was found, and the next step
     */
    protected ForebayException(String message) {
        super(message);
    }

    /**
     * A failure that an exception told of.
     *
     * @param message what was expected, what was found, and the next step
     * @param cause what told of it, or null
     */
    protected ForebayException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * Whether the same call may succeed later, unchanged, on the same object.
     *
     * @return true if a later try may succeed
     */
    public abstract boolean mayRetry();
}
