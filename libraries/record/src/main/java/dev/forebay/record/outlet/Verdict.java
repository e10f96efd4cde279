package dev.forebay.record.outlet;

/** What a failed delivery means for its batch. */
public enum Verdict {
    /** The same batch again, after a pause. */
    RETRY,
    /** The two halves, each as a batch of its own; a single record is dead-lettered. */
    SPLIT,
    /** Give it up, keep it as a dead letter, and go on. */
    DEAD_LETTER,
    /** Keep it in the buffer and stop delivering. */
    STOP
}
