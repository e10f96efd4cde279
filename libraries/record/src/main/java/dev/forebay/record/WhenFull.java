package dev.forebay.record;

import java.time.Duration;

/** What becomes of a record that finds the buffer full. */
public sealed interface WhenFull {
    /** The caller waits for room this long, then the record is refused. */
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
     */
    static WhenFull block(Duration deadline) {
        return new Block(deadline);
    }

    /** Refuses at once with {@code FULL}. */
    static WhenFull reject() {
        return new Reject();
    }

    /** Drops the oldest that is not taken; {@code FULL} if even that makes no room. */
    static WhenFull dropOldest() {
        return new DropOldest();
    }

    /** Drops what comes; its receipt says how many that were. */
    static WhenFull dropNewest() {
        return new DropNewest();
    }

    /** Leaves waiting batches to the journal; {@code FULL} if even that makes no room. */
    static WhenFull spill() {
        return new Spill();
    }
}
