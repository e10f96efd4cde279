package dev.forebay.record;

import dev.forebay.base.DamagedException;

/** Why an accepted record never reached a commit. The order is that of the log; only append. */
public enum DropReason {
    /** The buffer was full and lets the oldest go. */
    OLDEST(1),
    /** The buffer was full and lets the newest go. */
    NEWEST(2),
    /** {@code reset} discarded what was held. */
    RESET(3),
    /** Given up by the delivery, and kept as a dead letter. */
    DEAD_LETTER(4),
    /** A memory buffer was closed with records in it. */
    CLOSED(5),
    /** Frames of the journal were damaged and set aside; records among them, at most. */
    DAMAGED(6);

    /** How the journal names it. */
    final int code;

    DropReason(int code) {
        this.code = code;
    }

    static DropReason of(long code) {
        for (DropReason value : values()) {
            if (value.code == code) {
                return value;
            }
        }
        throw new DamagedException(
                "reason " + code + " is unknown, expected 1 to " + values().length);
    }
}
