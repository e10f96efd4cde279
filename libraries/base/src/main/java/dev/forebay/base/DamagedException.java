package dev.forebay.base;

import org.jspecify.annotations.Nullable;

/**
 * Stored or received data is not what was written: a digest, a checksum or a place in an order is
 * wrong. Nothing of the damaged part was released. Commands end with exit code 3.
 */
public class DamagedException extends ForebayException {
    /**
     * Damage that was found by looking.
     *
     * @param message what was expected, what was found, and where
     */
    public DamagedException(String message) {
        super(message);
    }

    /**
     * Damage that an exception told of.
     *
     * @param message what was expected, what was found, and where
     * @param cause what told of it, or null
     */
    public DamagedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
