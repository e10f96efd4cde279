package dev.forebay.record.outlet;

/**
 * Takes batches to a target system. Returning is the acknowledgement: the batch is committed.
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
