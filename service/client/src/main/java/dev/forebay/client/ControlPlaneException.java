package dev.forebay.client;

import dev.forebay.base.ForebayException;
import org.jspecify.annotations.Nullable;

/** The server refused a request, or gave no answer that a Forebay server gives. */
public final class ControlPlaneException extends ForebayException {
    /** The status of a request that no answer came to. */
    static final int NO_ANSWER = 0;

    /** 0 if there was no answer. */
    private final int status;

    /** Whether the server gave a reason. */
    private final boolean explained;

    /** Something else than an answer of a Forebay server. */
    ControlPlaneException(int status, String message, @Nullable Throwable cause) {
        this(status, false, message, cause);
    }

    private ControlPlaneException(
            int status, boolean explained, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.explained = explained;
    }

    /** A refusal in the words of a Forebay server. */
    static ControlPlaneException refusal(int status, String message) {
        return new ControlPlaneException(status, true, message, null);
    }

    /** {@return the HTTP status, or 0 if there was no answer} */
    public int status() {
        return status;
    }

    /**
     * True if the server has no buffer of that ID.
     *
     * @return whether that was the answer
     */
    public boolean isNotFound() {
        return explained && status == 404;
    }

    /**
     * True if the buffer is not in the state, or not of the version, that the request needs.
     *
     * @return whether that was the answer
     */
    public boolean isWrongState() {
        return explained && status == 412;
    }

    @Override
    public boolean mayRetry() {
        return status == NO_ANSWER || status == 429 || status >= 500;
    }
}
