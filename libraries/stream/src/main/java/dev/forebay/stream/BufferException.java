package dev.forebay.stream;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/**
 * A buffer could not be written or read for a reason that is not the container's own; what the
 * container reports comes through as {@link dev.forebay.blob.ContainerException}, and damaged data
 * as {@link dev.forebay.base.DamagedException}.
 */
public class BufferException extends ForebayException {
    public BufferException(String message) {
        super(message);
    }

    public BufferException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
