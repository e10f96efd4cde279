package dev.forebay.stream;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/**
 * A buffer could not be written or read for a reason that is not the container's own; what the
 * container reports comes through as {@link dev.forebay.blob.ContainerException}, and damaged data
 * as {@link dev.forebay.base.DamagedException}.
 */
public class BufferException extends ForebayException {
    /**
     * A fault that was found by looking.
     *
     * @param message what was expected and what was found
     */
    public BufferException(String message) {
        super(message);
    }

    /**
     * A fault that an exception told of.
     *
     * @param message what was expected and what was found
     * @param cause what told of it, or null
     */
    public BufferException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
