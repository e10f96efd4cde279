package dev.forebay.base;

import org.jspecify.annotations.Nullable;

/**
 * Stored or received data is not what was written: a digest, a checksum or a place in an order is
 * wrong. Nothing of the damaged part was released. Commands end with exit code 3.
 */
public class DamagedException extends ForebayException {
    public DamagedException(String message) {
        super(message);
    }

    public DamagedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
