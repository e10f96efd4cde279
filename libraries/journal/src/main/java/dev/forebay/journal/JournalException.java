package dev.forebay.journal;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** A journal could not do what it was asked; {@link #fault} says why. */
public final class JournalException extends ForebayException {
    /** Why. */
    public enum Fault {
        /** The device is full: no segment could be made ready. Free space and append again. */
        NO_SPACE,
        /** Another process, or another object of this one, has the journal open. */
        LOCKED,
        /** The journal or the reader was closed. */
        CLOSED,
        /** The frame or batch does not fit into a segment. */
        TOO_LARGE,
        /** The frames asked for were trimmed, or the position lies beyond the end. */
        OUT_OF_RANGE,
        /** Written by a later version of this software. */
        UNSUPPORTED,
        /** Any other fault of the disk. */
        FAILED
    }

    /** By what a caller decides. */
    private final Fault fault;

    JournalException(Fault fault, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /**
     * What kind of failure it is.
     *
     * @return the kind
     */
    public Fault fault() {
        return fault;
    }

    @Override
    public boolean mayRetry() {
        return switch (fault) {
            case NO_SPACE, FAILED, LOCKED -> true;
            case CLOSED, TOO_LARGE, OUT_OF_RANGE, UNSUPPORTED -> false;
        };
    }
}
