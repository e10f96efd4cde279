package dev.forebay.stream;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Container;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.Md5;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * Tells the readers of a buffer that its write failed: puts the end marker <em>failed</em>, if the
 * start marker that stands is this writer's.
 *
 * <p><b>Guarantee.</b> What the listener is told is true: {@link FailureMark#WRITTEN} only after
 * the container acknowledged the marker. {@link #give} returns within {@link #PATIENCE} and the
 * grace of {@link Threads}.
 *
 * <p>The calls are made by a thread of its own, so that an interrupt of the writer's thread does
 * not end them.
 */
final class FailureNotice {
    /** What the marker may take, retries included. */
    static final Duration PATIENCE = Duration.ofSeconds(3);

    private final Container container;
    private final WriteOptions options;
    private final Md5 start;

    /** The start marker was acknowledged. */
    private boolean begun;

    /** The marker is on its way; written by the thread that puts it. */
    private volatile boolean sent;

    /**
     * The notice of a writer.
     *
     * @param start digest of its start marker
     */
    FailureNotice(Container container, WriteOptions options, Md5 start) {
        this.container = container;
        this.options = options;
        this.start = start;
    }

    /** From now on the buffer is this writer's. */
    void begun() {
        begun = true;
    }

    /**
     * Puts the marker and tells the listener what became of it; called once. A listener that throws
     * does not hide the reason.
     */
    void give(Throwable reason) {
        try {
            options.listener().failureMarked(mark(reason));
        } catch (RuntimeException | Error e) {
            if (!e.equals(reason)) {
                reason.addSuppressed(e);
            }
        }
    }

    private FailureMark mark(Throwable reason) {
        Threads threads = new Threads(options.clock());
        Future<FailureMark> told = threads.submit(() -> put(reason));
        threads.endWithin(PATIENCE);
        return switch (told.state()) {
            case SUCCESS -> told.resultNow();
            case FAILED -> refused(told.exceptionNow(), reason);
            case RUNNING, CANCELLED -> unanswered();
        };
    }

    private FailureMark put(Throwable reason) {
        Retry retry = new Retry(options.clock(), options.listener());
        Uploads uploads = new Uploads(container, retry, Durability.ACCEPTED, PATIENCE);
        Optional<BlobInfo> there = uploads.head(StartMarker.NAME);
        if (there.isEmpty()) {
            return begun || mayHaveBegun(reason) ? FailureMark.UNKNOWN : FailureMark.NOT_NEEDED;
        }
        if (!Uploads.isOurs(there.get(), start, null)) {
            return FailureMark.NOT_NEEDED;
        }
        ByteBuffer body = EndMarker.ofFailure().body();
        sent = true;
        try {
            uploads.create(EndMarker.NAME, body, Md5.of(body));
            return FailureMark.WRITTEN;
        } catch (BufferOverwriteException e) {
            reason.addSuppressed(e);
            return FailureMark.NOT_NEEDED;
        }
    }

    /** Whether the start marker may appear later: its put ended without an answer. */
    private static boolean mayHaveBegun(Throwable reason) {
        return switch (reason) {
            case TransferInterruptedException _ -> true;
            case ContainerException e -> mayHaveTakenEffect(e);
            case BufferException _ -> false;
            default -> true;
        };
    }

    private static boolean mayHaveTakenEffect(ContainerException e) {
        return switch (e.fault()) {
            case UNAVAILABLE, TIMED_OUT, BROKEN_BODY, CLOSED, DAMAGED, FAILED -> true;
            case MISSING_CONTAINER,
                    NOT_PERMITTED,
                    BAD_CREDENTIAL,
                    BAD_REQUEST,
                    THROTTLED,
                    NO_SPACE,
                    POISONED ->
                    false;
        };
    }

    private FailureMark refused(Throwable failure, Throwable reason) {
        // A container may refuse for good with the same exception each time.
        if (!failure.equals(reason)) {
            reason.addSuppressed(failure);
        }
        return switch (failure) {
            case BufferMissingException _ -> FailureMark.NOT_NEEDED;
            case ContainerException e when !mayHaveTakenEffect(e) -> FailureMark.NOT_WRITTEN;
            default -> unanswered();
        };
    }

    private FailureMark unanswered() {
        return sent ? FailureMark.UNKNOWN : FailureMark.NOT_WRITTEN;
    }
}
