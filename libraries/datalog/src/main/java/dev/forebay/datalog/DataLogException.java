package dev.forebay.datalog;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** The log cannot do what it was asked. */
public final class DataLogException extends ForebayException {
    /** What kind of thing is wrong. */
    public enum Fault {
        /** The log is closed. */
        CLOSED,
        /** A request that can never be met; it has to be changed. */
        INVALID,
        /** The disk fails. */
        IO,
        /** A background thread ended; the log has to be opened again. */
        FAILED,
        /** What stands on the disk is not what the log wrote. */
        DAMAGED
    }

    /** By what a caller decides. */
    private final Fault fault;

    DataLogException(Fault fault, String message) {
        this(fault, message, null);
    }

    DataLogException(Fault fault, String message, @Nullable Throwable cause) {
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

    /** True if the disk failed: there may be room, or another page, next time. */
    @Override
    public boolean mayRetry() {
        return fault == Fault.IO;
    }
}
