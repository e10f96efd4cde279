package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import org.jspecify.annotations.Nullable;

/**
 * How far the life of a buffer has come: open, closing (takes no more records), closed (gives no
 * more records either), ended (all threads and files are closed); and whether a background thread
 * has failed. A component of {@link BufferState}.
 */
final class Phase {
    private boolean closing;
    private boolean closed;
    private boolean ended;

    /** Why a background thread ended before the buffer was closed; null if none did. */
    private @Nullable Throwable failure;

    boolean takesRecords() {
        return !closing && failure == null;
    }

    boolean isClosed() {
        return closed;
    }

    boolean hasEnded() {
        return ended;
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** True for the first call. */
    boolean beginClosing() {
        boolean begins = !closing;
        closing = true;
        return begins;
    }

    /** True for the first call. */
    boolean close() {
        boolean closes = !closed;
        closed = true;
        return closes;
    }

    void end() {
        ended = true;
    }

    /** A background thread ended with an error; the first one is kept. */
    void fail(Throwable cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    /** Throws unless the buffer takes records. */
    void checkTakesRecords() {
        if (closing) {
            throw closedFault();
        }
        checkThreads();
    }

    /** Throws unless the buffer gives records. */
    void checkGivesRecords() {
        if (closed) {
            throw closedFault();
        }
    }

    /** Throws if a background thread has failed. */
    void checkThreads() {
        Throwable cause = failure;
        if (cause != null) {
            throw new RecordException(
                    Fault.FAILED,
                    "a background thread of the buffer ended with %s; take what is in the buffer, close it and open it again"
                            .formatted(cause),
                    cause);
        }
    }

    private static RecordException closedFault() {
        return new RecordException(Fault.CLOSED, "the buffer is closed; open another");
    }
}
