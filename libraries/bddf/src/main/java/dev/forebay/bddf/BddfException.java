package dev.forebay.bddf;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** A file is not what the format demands; the message says what is wrong and at which offset. */
public final class BddfException extends ForebayException {
    /** What kind of thing is wrong. */
    public enum Fault {
        /** It does not begin like a BDDF file. */
        NOT_BDDF,
        /** It is of another version, or uses what version 1.0.0 does not define. */
        UNSUPPORTED,
        /** It ends in the middle; {@link BddfRecovery} keeps what is whole. */
        CUT,
        /** Its bytes contradict each other or their checksum. */
        DAMAGED,
        /** It is larger than the limit that the reader was given. */
        TOO_LARGE
    }

    /** By what a caller decides. */
    private final Fault fault;

    BddfException(Fault fault, String message) {
        this(fault, message, null);
    }

    BddfException(Fault fault, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /**
     * What kind of fault it is.
     *
     * @return the kind
     */
    public Fault fault() {
        return fault;
    }

    /** False: the same bytes give the same fault. */
    @Override
    public boolean mayRetry() {
        return false;
    }
}
