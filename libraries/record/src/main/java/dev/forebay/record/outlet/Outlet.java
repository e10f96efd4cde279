package dev.forebay.record.outlet;

/**
 * Takes batches to a target system. Returning is the acknowledgement: the batch is committed.
 * Throwing keeps it.
 *
 * @param <T> what a record is
 */
@FunctionalInterface
public interface Outlet<T> {
    /**
     * Delivers one batch, never an empty one; may block. It may come again, with the same id, after
     * a failure or a crash.
     *
     * @param batch what is to be delivered
     * @throws Exception any; it means that the batch was not delivered, or that nothing is known of
     *     it
     */
    void deliver(Batch<T> batch) throws Exception;
}
