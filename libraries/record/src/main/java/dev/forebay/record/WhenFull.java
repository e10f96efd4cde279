package dev.forebay.record;

import java.time.Duration;

/** What becomes of a record that finds the buffer full. */
public sealed interface WhenFull {
    /**
     * The caller waits for room this long, then the record is refused.
     *
     * @param deadline from the call on
     */
    record Block(Duration deadline) implements WhenFull {}

    /** The record is refused at once. */
    record Reject() implements WhenFull {}

    /**
     * The oldest is dropped and counted: a whole batch if one waits, since a batch keeps its
     * members, else one held record. What a consumer has taken is never dropped.
     */
    record DropOldest() implements WhenFull {}

    /** The record itself is dropped and counted. */
    record DropNewest() implements WhenFull {}

    /** Waiting batches leave memory and are read again from the journal when they are taken. */
    record Spill() implements WhenFull {}

    /**
     * Waits up to {@code deadline} for room, then refuses with {@code FULL}; zero or less refuses
     * at once.
     *
     * @param deadline from the call on
     * @return that choice
     */
    static WhenFull block(Duration deadline) {
        return new Block(deadline);
    }

    /**
     * Refuses at once with {@code FULL}.
     *
     * @return that choice
     */
    static WhenFull reject() {
        return new Reject();
    }

    /**
     * Drops the oldest that is not taken; {@code FULL} if even that makes no room.
     *
     * @return that choice
     */
    static WhenFull dropOldest() {
        return new DropOldest();
    }

    /**
     * Drops what comes; its receipt says how many that were.
     *
     * @return that choice
     */
    static WhenFull dropNewest() {
        return new DropNewest();
    }

    /**
     * Leaves waiting batches to the journal; {@code FULL} if even that makes no room.
     *
     * @return that choice
     */
    static WhenFull spill() {
        return new Spill();
    }
}
