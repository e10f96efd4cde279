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

    static WhenFull block(Duration deadline) {
        return new Block(deadline);
    }

    static WhenFull reject() {
        return new Reject();
    }

    static WhenFull dropOldest() {
        return new DropOldest();
    }

    static WhenFull dropNewest() {
        return new DropNewest();
    }

    static WhenFull spill() {
        return new Spill();
    }
}
