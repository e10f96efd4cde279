package dev.forebay.record;

import java.time.Duration;

/**
 * Told what a buffer did, after it did it, on the thread that did it and outside of its lock.
 * Events of several threads may come in another order than they happened.
 *
 * <p>What a listener throws is counted and changes nothing else.
 */
public interface RecordListener {
    /** Facts about a batch, without its records; as the methods of {@link Batch} say them. */
    record Facts(long id, long first, long last, Cause cause, int redeliveries, long bytes) {}

    /** {@code count} records were taken in, of so many encoded bytes, 0 if nobody measures. */
    default void accepted(long count, long bytes) {}

    /** A batch was released. */
    default void released(Facts batch) {}

    /** Its consumer said that a batch is safely elsewhere. */
    default void committed(Facts batch) {}

    /** Its consumer could not take a batch; it will be handed out again. */
    default void failed(Facts batch, String reason) {}

    /** Accepted records left without a commit. */
    default void dropped(DropReason reason, long count) {}

    /** A record was refused because the buffer was full. */
    default void rejected() {}

    /** The held records went away: by a release, or, {@code manual}, by {@code reset}. */
    default void onReset(boolean manual) {}

    /** The journal could not be trimmed; it is tried again when the next records leave. */
    default void trimFailed(RuntimeException why) {}

    /** A call waited so long for a sync of the journal. */
    default void synced(Duration wait) {}

    /** A journal was read again: so many records were found uncommitted. */
    default void recovered(long records, long batches) {}
}
