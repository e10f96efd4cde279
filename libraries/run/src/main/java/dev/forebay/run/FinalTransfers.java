package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings the outputs of one run to their ends once its program has ended, and gives them up if the
 * run is stopped.
 *
 * <p><b>Guarantee.</b> A run that was stopped waits {@link #STORE_PATIENCE} for the containers of
 * its outputs, and is aborted then. One that is stopped meanwhile is aborted at once: {@link
 * #finish} lets its pipes be aborted before it asks for a reason to stop, and who stops the run
 * gives that reason before {@link #abort}, so one of them sees the other.
 *
 * <p>Safe for use by many threads. Its lock is not held while another is taken, nor during a
 * transfer.
 */
final class FinalTransfers {
    private static final Duration STORE_PATIENCE = Duration.ofSeconds(10);

    private final RunStop stop;
    private final RunBuffers buffers;
    private final Clock clock;
    private final RunWarnings warnings;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Whose transfers are under way. */
    @GuardedBy("lock")
    private @Nullable Pipes current;

    FinalTransfers(RunStop stop, RunBuffers buffers, Clock clock, RunWarnings warnings) {
        this.stop = stop;
        this.buffers = buffers;
        this.clock = clock;
        this.warnings = warnings;
    }

    /** Blocks. The outcome of the run, given how its program has ended. */
    Outcome finish(Pipes pipes, Outcome end) throws IOException, InterruptedException {
        current(pipes);
        Optional<TransferFailure> failure;
        Outcome outcome;
        try {
            outcome = end.succeeded() ? stop.reasonOr(end) : end;
            if (!outcome.succeeded()) {
                boolean stopped = stop.reason() != null;
                buffers.abandon(stopped);
                if (stopped) {
                    abortLater(pipes);
                }
            }
            failure = pipes.finish(outcome.succeeded());
        } finally {
            current(null);
        }
        return outcome.succeeded() && failure.isPresent()
                ? stop.reasonOr(Outcome.transferFailed(failure.get()))
                : outcome;
    }

    /** Ends a {@link #finish} under way. Returns at once. */
    void abort() {
        Pipes pipes = current();
        if (pipes != null) {
            pipes.abort();
        }
    }

    private void abortLater(Pipes pipes) {
        Worker _ =
                Worker.virtual(
                        "forebay-run-abort",
                        () -> {
                            if (!awaitEnd(clock.deadline(STORE_PATIENCE))) {
                                pipes.abort();
                            }
                        },
                        e ->
                                warnings.warn(
                                        "its outputs are waited for without a limit: "
                                                + Reason.of(e),
                                        null));
    }

    private boolean awaitEnd(long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (current != null && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            return current == null;
        } finally {
            lock.unlock();
        }
    }

    private void current(@Nullable Pipes pipes) {
        lock.lock();
        try {
            current = pipes;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Pipes current() {
        lock.lock();
        try {
            return current;
        } finally {
            lock.unlock();
        }
    }
}
