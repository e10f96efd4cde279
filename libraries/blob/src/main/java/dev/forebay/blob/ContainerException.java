package dev.forebay.blob;

import dev.forebay.base.ForebayException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A container could not do what it was asked; {@link #fault} says which class of failure, and so
 * whether to retry.
 */
public final class ContainerException extends ForebayException {
    /** The classes of failure, by what a caller does about them. */
    public enum Fault {
        /** The container does not exist, or was deleted while in use. */
        MISSING_CONTAINER(false),
        /** The credential is good but does not allow this. */
        NOT_PERMITTED(false),
        /** The credential is missing, wrong, expired or not yet valid; a renewed one may do. */
        BAD_CREDENTIAL(false),
        /** The request was refused and had no effect: an illegal name, a body that is too large. */
        BAD_REQUEST(false),
        /** Too much asked at once; come back later. */
        THROTTLED(true),
        /** Nobody answers, or an answer of the 5xx kind. */
        UNAVAILABLE(true),
        /** No answer, or no progress of a body, within its time. */
        TIMED_OUT(true),
        /** The body ended early, ran on, or its frame was broken. */
        BROKEN_BODY(true),
        /** No space is left where the blob would go. */
        NO_SPACE(true),
        /** A sync failed; the container takes no more until it is reopened. */
        POISONED(false),
        /**
         * The container was closed by its owner, or the calling thread was interrupted; its
         * interrupt flag is set then.
         */
        CLOSED(false),
        /** The stored form of a blob cannot be what was written. */
        DAMAGED(false),
        /** Any other fault of the file system or the protocol. */
        FAILED(false);

        private final boolean retryable;

        Fault(boolean retryable) {
            this.retryable = retryable;
        }
    }

    /** What a caller may do about it. */
    private final Fault fault;

    /** Null if the other side asked for no pause. */
    private final @Nullable Duration retryAfter;

    /**
     * A fault that was found by looking.
     *
     * @param fault its class
     * @param message what was done, where, and what failed
     */
    public ContainerException(Fault fault, String message) {
        this(fault, message, null);
    }

    /**
     * A fault that an exception told of.
     *
     * @param fault its class
     * @param message what was done, where, and what failed
     * @param cause what told of it, or null
     */
    public ContainerException(Fault fault, String message, @Nullable Throwable cause) {
        this(fault, message, cause, null);
    }

    /**
     * One that says how long to wait before the next try.
     *
     * @param fault its class
     * @param message what was done, where, and what failed
     * @param cause what told of it, or null
     * @param retryAfter how long, zero or more, or null if it is not known
     */
    public ContainerException(
            Fault fault, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(message, cause);
        this.fault = fault;
        this.retryAfter = retryAfter;
    }

    /**
     * The class of the fault, which says what a caller may do about it.
     *
     * @return the class
     */
    public Fault fault() {
        return fault;
    }

    /** {@return how long the other side asked to be left alone, if it did; zero or more} */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    @Override
    public boolean mayRetry() {
        return fault.retryable;
    }
}
