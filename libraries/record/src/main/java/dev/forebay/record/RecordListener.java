package dev.forebay.record;

import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import java.time.Duration;

/**
 * Hears what a buffer did, after it did it, on the thread that did it, with no lock of the buffer
 * held. Events of several threads may come in another order than they happened.
 *
 * <p>What a listener throws is counted and changes nothing else.
 */
public interface RecordListener {
    /**
     * Facts about a batch, without its records; as the methods of {@link Batch} say them.
     *
     * @param id of the batch
     * @param first the sequence number of its first record
     * @param last the sequence number of its last record
     * @param cause what released it
     * @param redeliveries how often it may have been handed out before
     * @param bytes its encoded bytes, 0 if nothing measures them
     */
    record Facts(long id, long first, long last, Cause cause, int redeliveries, long bytes) {
        static Facts of(Batch<?> batch) {
            return new Facts(
                    batch.id(),
                    batch.first(),
                    batch.last(),
                    batch.cause(),
                    batch.redeliveries(),
                    batch.bytes());
        }
    }

    /**
     * {@code count} records were taken in, of {@code bytes} encoded bytes, 0 if nothing measures
     * them.
     *
     * @param count 1 or more
     * @param bytes of all of them
     */
    default void accepted(long count, long bytes) {}

    /**
     * A batch was released.
     *
     * @param batch what was released
     */
    default void released(Facts batch) {}

    /**
     * Its consumer said that a batch is safely elsewhere.
     *
     * @param batch what was committed
     */
    default void committed(Facts batch) {}

    /**
     * Its consumer could not take a batch; it will be handed out again.
     *
     * @param batch what was failed
     * @param reason as the consumer gave it
     */
    default void failed(Facts batch, String reason) {}

    /**
     * Accepted records left without a commit.
     *
     * @param reason why they left
     * @param count how many
     */
    default void dropped(DropReason reason, long count) {}

    /** A record was refused because the buffer was full. */
    default void rejected() {}

    /**
     * The held records went away: by a release, or, {@code manual}, by {@code reset}.
     *
     * @param manual whether a call of {@code reset} was the cause
     */
    default void onReset(boolean manual) {}

    /**
     * The journal could not be trimmed; it is tried again when the next records leave.
     *
     * @param why what failed
     */
    default void trimFailed(RuntimeException why) {}

    /**
     * A call waited for a sync of the journal.
     *
     * @param wait how long
     */
    default void synced(Duration wait) {}

    /**
     * An opening found this many uncommitted records, and batches of them that were released.
     *
     * @param records how many
     * @param batches how many, 0 or more
     */
    default void recovered(long records, long batches) {}
}
