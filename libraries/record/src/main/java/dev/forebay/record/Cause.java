package dev.forebay.record;

import dev.forebay.base.DamagedException;

/** Why a batch was released. */
public enum Cause {
    /** A {@code matching} or {@code matchingHeld} condition. */
    CUSTOM(1),
    /** The number of held records. */
    COUNT(2),
    /** Their encoded bytes. */
    BYTES(3),
    /** An age, an idle time or an interval. */
    TIME(4),
    /** Somebody called {@code flush}, {@code drain} or {@code close}. */
    FLUSH(5),
    /** {@code releaseAtNextTransfer} was set. */
    NEXT_TRANSFER(6);

    /** How the journal names it. */
    final int code;

    Cause(int code) {
        this.code = code;
    }

    static Cause of(long code) {
        for (Cause value : values()) {
            if (value.code == code) {
                return value;
            }
        }
        throw new DamagedException(
                "cause " + code + " is unknown, expected 1 to " + values().length);
    }
}
