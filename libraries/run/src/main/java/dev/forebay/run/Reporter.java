package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Backoff;
import dev.forebay.base.Clock;
import dev.forebay.base.Pauses;
import dev.forebay.base.Worker;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells a watcher what an executor observes of one run.
 *
 * <p><b>Guarantee.</b> The start comes before the end. A watcher that throws is called again, with
 * pauses of up to {@link #LONGEST_PAUSE}, until it takes the observation or {@link #close} is
 * called. A thread of its own tells the start, so that a watcher that fails does not hold up a
 * cancel.
 */
final class Reporter implements AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final long run;
    private final Watcher watcher;
    private final Pauses pauses;
    private final ReentrantLock lock = new ReentrantLock();

    /** Done once the watcher took the start, or at once if the program never starts. */
    @GuardedBy("lock")
    private CompletableFuture<Void> startTold = CompletableFuture.completedFuture(null);

    Reporter(long run, Watcher watcher, Clock clock) {
        this.run = run;
        this.watcher = watcher;
        this.pauses = new Pauses(clock);
    }

    /** Tells that the program runs. Returns at once. */
    void started(Instant at) {
        CompletableFuture<Void> told = new CompletableFuture<>();
        lock.lock();
        try {
            startTold = told;
        } finally {
            lock.unlock();
        }
        Worker _ =
                Worker.virtual(
                        "forebay-run-start",
                        () -> {
                            tell(new Observation.Started(at));
                            told.complete(null);
                        },
                        told::completeExceptionally);
    }

    /**
     * Tells how the run ended, once its start was taken. Blocks until the watcher took it; throws
     * what the watcher throws if this is closed meanwhile.
     */
    void ended(Observation.Ended ended) throws InterruptedException {
        startTold().join();
        tell(ended);
    }

    private CompletableFuture<Void> startTold() {
        lock.lock();
        try {
            return startTold;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Observation observation) throws InterruptedException {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        while (true) {
            try {
                watcher.observed(run, observation);
                return;
            } catch (RuntimeException e) {
                if (!pauses.pause(backoff.next())) {
                    throw e;
                }
            }
        }
    }

    /** A watcher that fails is not called again. Returns at once. */
    @Override
    public void close() {
        pauses.close();
    }
}
