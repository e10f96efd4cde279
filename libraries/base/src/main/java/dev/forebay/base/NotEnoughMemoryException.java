package dev.forebay.base;

/**
 * A {@link MemoryBudget} has no room for what was asked; the message carries what was needed, what
 * there is, and the setting to change. Nothing was allocated.
 */
public final class NotEnoughMemoryException extends ForebayException {
    NotEnoughMemoryException(String message) {
        super(message);
    }

    /** False: what did not fit within the time that was allowed will hardly fit at once. */
    @Override
    public boolean mayRetry() {
        return false;
    }
}
