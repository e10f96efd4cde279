package dev.forebay.record;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** A record buffer could not do what it was asked; {@link #fault} says why. It stays usable. */
public final class RecordException extends ForebayException {
    /** Why. */
    public enum Fault {
        /** No room, at once or within the deadline. */
        FULL,
        /** One record, or one list, is larger than the buffer may ever hold. */
        TOO_LARGE,
        /** The buffer is closed. */
        CLOSED,
        /** The batch is not the one that was taken: committed before, or never. */
        WRONG_BATCH,
        /** No room for another dead letter; the batch is out as before. */
        DEAD_LETTERS_FULL,
        /** A released batch could not be noted in the journal; it stays held. */
        LOG,
        /**
         * A background thread of the buffer ended with an error, the cause: the buffer takes no
         * more records. What is in it can be taken and committed.
         */
        FAILED
    }

    /** By what a caller decides. */
    private final Fault fault;

    RecordException(Fault fault, String message) {
        this(fault, message, null);
    }

    RecordException(Fault fault, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** {@return why; a caller that cares decides by this, not by the message} */
    public Fault fault() {
        return fault;
    }

    /** True for {@code FULL}, and for {@code LOG} if the journal's own fault may pass. */
    @Override
    public boolean mayRetry() {
        return fault == Fault.FULL
                || fault == Fault.LOG
                        && getCause() instanceof ForebayException cause
                        && cause.mayRetry();
    }
}
