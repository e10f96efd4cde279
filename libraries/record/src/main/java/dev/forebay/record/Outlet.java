package dev.forebay.record;

/**
 * Takes batches to where they are wanted. Returning is the acknowledgement: the batch is committed.
 * Throwing keeps it.
 */
@FunctionalInterface
public interface Outlet<T> {
    /**
     * Delivers one batch, never an empty one; may block. It may come again, with the same id, after
     * a failure or a crash.
     */
    void deliver(Batch<T> batch) throws Exception;
}
