package dev.forebay.record;

/** Why an accepted record never reached a commit. */
public enum DropReason {
    /** The buffer was full and let the oldest go. */
    OLDEST,
    /** The buffer was full and let the newest go. */
    NEWEST,
    /** {@code reset} discarded what was held. */
    RESET,
    /** Given up by the delivery, and kept as a dead letter. */
    DEAD_LETTER,
    /** A memory buffer was closed with records in it. */
    CLOSED,
    /** Frames of the journal were damaged and set aside; records among them, at most. */
    DAMAGED
}
