package dev.forebay.record.outlet;

/** Why a batch was released. */
public enum Cause {
    /** A {@code matching} or {@code matchingHeld} condition. */
    CUSTOM,
    /** The number of held records. */
    COUNT,
    /** Their encoded bytes. */
    BYTES,
    /** An age, an idle time or an interval. */
    TIME,
    /** A call of {@code flush}, {@code drain} or {@code close}. */
    FLUSH,
    /** {@code releaseAtNextTransfer} was set. */
    NEXT_TRANSFER
}
