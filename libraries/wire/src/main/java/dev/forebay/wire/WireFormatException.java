package dev.forebay.wire;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** What came is not what the wire format has; the message says where. */
public final class WireFormatException extends ForebayException {
    /**
     * A body that cannot be read.
     *
     * @param message what was expected and what was found
     * @param cause what told of it, or null
     */
    public WireFormatException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
