package dev.forebay.base;

import org.jspecify.annotations.Nullable;

/**
 * A sync failed earlier, so the operating system may have dropped what it was told to keep and may
 * answer the next sync with success. The object refuses everything until it is reopened, which
 * reads back what is really there.
 */
public class PoisonedException extends ForebayException {
    /**
     * Work is refused since a sync failed.
     *
     * @param message what failed, and that reopening is the way out
     * @param cause the failed sync, or null
     */
    public PoisonedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean mayRetry() {
        return false;
    }
}
