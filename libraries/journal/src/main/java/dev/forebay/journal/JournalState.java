package dev.forebay.journal;

import dev.forebay.base.PoisonedException;
import dev.forebay.base.Reason;
import dev.forebay.journal.JournalException.Fault;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether the journal is open, closed or poisoned. Every component asks it before it works.
 *
 * <p><b>Guarantee.</b> The first fault is kept. A journal that is poisoned stays so until it is
 * opened again.
 *
 * <p>Safe for use by many threads; never blocks and calls nothing that takes a lock.
 */
final class JournalState {
    private final Path directory;
    private volatile boolean closed;
    private volatile @Nullable Throwable fault;

    JournalState(Path directory) {
        this.directory = directory;
    }

    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    /**
     * Refuses all further work. The bytes behind a failed sync, or behind a worker that is gone,
     * cannot be vouched for.
     */
    synchronized void poison(Throwable cause) {
        if (fault == null) {
            fault = cause;
        }
    }

    boolean isPoisoned() {
        return fault != null;
    }

    /** Throws if the journal was closed or poisoned. */
    void check() {
        if (closed) {
            throw closedException();
        }
        checkFault();
    }

    JournalException closedException() {
        return new JournalException(
                Fault.CLOSED, "the journal in %s is closed".formatted(directory), null);
    }

    /** Throws if the journal was poisoned. */
    void checkFault() {
        Throwable cause = fault;
        if (cause != null) {
            throw poisoned(cause);
        }
    }

    /** Poisons the journal and gives the exception that says so. */
    PoisonedException poisonedBy(IOException cause) {
        poison(cause);
        return poisoned(cause);
    }

    private PoisonedException poisoned(Throwable cause) {
        return new PoisonedException(
                "the journal in %s failed (%s); frames that were not acknowledged as synced may not be on the device. Close it and open it again, which reads back what is there"
                        .formatted(directory, reason(cause)),
                cause);
    }

    private static String reason(Throwable cause) {
        return cause instanceof IOException e ? Reason.of(e) : cause.toString();
    }
}
