package dev.forebay.run.oci;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Backoff;
import dev.forebay.base.Clock;
import dev.forebay.base.Pauses;
import dev.forebay.base.Reason;
import dev.forebay.base.Worker;
import dev.forebay.run.ExecutorException;
import dev.forebay.run.RunLog;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Carries what a container writes into the log, and learns how it ended.
 *
 * <p><b>Guarantee.</b> The end is what the engine says of the container once it runs no longer. An
 * engine that does not answer is asked again, with pauses of up to {@link
 * EngineHost#LONGEST_PAUSE}, and its absence is never taken for an end. After {@link #close} no
 * thread is left.
 *
 * <p><b>Limit.</b> What a program writes while the engine does not answer may be missing in the
 * log, which says so.
 *
 * <p>Two virtual threads, one for each of the two.
 */
final class ContainerWatch implements AutoCloseable {
    /** The last that is known of a container; empty if it was gone by then. */
    record End(Optional<Engine.Found> found) {}

    private final Engine engine;
    private final String container;
    private final RunLog log;
    private final Clock clock;
    private final Runnable told;
    private final Pauses pauses;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Worker copier;

    /** Calls under way, which {@link #close} ends. */
    @GuardedBy("lock")
    private final Set<EngineCall> calls = new HashSet<>();

    /** How often the engine was away and came back. */
    @GuardedBy("lock")
    private int outages;

    @GuardedBy("lock")
    private boolean copied;

    @GuardedBy("lock")
    private boolean closed;

    /** Null while the container runs. */
    @GuardedBy("lock")
    private @Nullable End end;

    @GuardedBy("lock")
    private @Nullable Throwable failure;

    @GuardedBy("lock")
    private @Nullable Worker waiter;

    /**
     * @param stream both streams of the container, in frames; closed here
     * @param told called once the end is known, on a thread of this
     */
    ContainerWatch(
            Engine engine,
            String container,
            RunLog log,
            Clock clock,
            EngineCall stream,
            Runnable told) {
        this.engine = engine;
        this.container = container;
        this.log = log;
        this.clock = clock;
        this.told = told;
        this.pauses = new Pauses(clock);
        this.copier = Worker.virtual("forebay-run-log", () -> copy(stream), this::note);
    }

    /**
     * Null while the container runs.
     *
     * @throws ExecutorException if the watch failed
     */
    @Nullable End end() {
        lock.lock();
        try {
            if (failure != null) {
                throw new ExecutorException(
                        "the watch of a container failed: " + Reason.of(failure), failure);
            }
            return end;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The container was started: waits for its end from now on. One that was only made has no end,
     * but engines answer as if it had.
     */
    void started() {
        lock.lock();
        try {
            waiter = Worker.virtual("forebay-run-wait", this::await, this::fail);
        } finally {
            lock.unlock();
        }
    }

    private void copy(EngineCall first) throws IOException, InterruptedException {
        try {
            copyStream(first);
            int seen = 0;
            while (awaitReturn(seen)) {
                seen++;
                note("the engine was away; what was written meanwhile may be missing here");
                copyStream(engine.attach(container));
            }
        } finally {
            lock.lock();
            try {
                copied = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void copyStream(EngineCall stream) throws IOException {
        try (EngineCall call = begun(stream)) {
            Frames frames = new Frames(call.body());
            log.copy(frames);
            if (!frames.failure().isEmpty() && !isClosed()) {
                note("the connection to the engine broke: " + frames.failure());
            }
        } finally {
            over(stream);
        }
    }

    /** True once the engine was away again; false once the container has ended. */
    private boolean awaitReturn(int seen) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (end == null && failure == null && !closed && outages == seen) {
                changed.await();
            }
            return end == null && failure == null && !closed;
        } finally {
            lock.unlock();
        }
    }

    private void await() throws InterruptedException {
        Backoff backoff = new Backoff(EngineHost.FIRST_PAUSE, EngineHost.LONGEST_PAUSE);
        boolean away = false;
        do {
            try {
                boolean waited = awaitExit();
                Optional<Engine.Found> now = engine.find(container);
                if (now.isEmpty() || !now.get().running()) {
                    ended(now);
                    return;
                }
                back(away);
                away = false;
                if (waited) {
                    backoff.reset();
                }
            } catch (IOException e) {
                away = true;
            }
        } while (pauses.pause(backoff.next()));
    }

    /** Blocks until the container has ended; false if the engine cannot wait for it. */
    private boolean awaitExit() throws IOException {
        EngineCall call;
        try {
            call = engine.await(container);
        } catch (EngineException e) {
            return false;
        }
        try (EngineCall open = begun(call)) {
            byte[] _ = open.body().readAllBytes();
            return true;
        } finally {
            over(call);
        }
    }

    private void fail(Throwable reason) {
        lock.lock();
        try {
            failure = reason;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        told.run();
    }

    private void ended(Optional<Engine.Found> found) {
        lock.lock();
        try {
            end = new End(found);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        told.run();
    }

    private void back(boolean wasAway) {
        lock.lock();
        try {
            outages += wasAway ? 1 : 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private EngineCall begun(EngineCall call) throws IOException {
        lock.lock();
        try {
            if (!closed) {
                calls.add(call);
                return call;
            }
        } finally {
            lock.unlock();
        }
        call.close();
        throw new IOException("the watch of the container was ended");
    }

    private void over(EngineCall call) {
        lock.lock();
        try {
            calls.remove(call);
        } finally {
            lock.unlock();
        }
    }

    private void note(Throwable reason) {
        if (isClosed()) {
            return;
        }
        try {
            note("the log ends here: " + Reason.of(reason));
        } catch (IOException e) {
            throw new AssertionError("bytes in memory cannot fail", e);
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void note(String text) throws IOException {
        log.copy(
                new ByteArrayInputStream(
                        ("forebay: " + text + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /** The container has ended: waits for the rest of its log, which says so if that is late. */
    void finishLog(Duration patience) throws IOException, InterruptedException {
        long deadline = clock.deadline(patience);
        boolean whole;
        lock.lockInterruptibly();
        try {
            while (!copied && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            whole = copied;
        } finally {
            lock.unlock();
        }
        if (!whole) {
            note(
                    "the engine did not end this log within %d seconds"
                            .formatted(patience.toSeconds()));
        }
    }

    /** Ends the threads; the container stays as it is. */
    @Override
    public void close() throws IOException {
        Set<EngineCall> open;
        Worker waits;
        lock.lock();
        try {
            closed = true;
            waits = waiter;
            open = Set.copyOf(calls);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        pauses.close();
        for (EngineCall call : open) {
            call.close();
        }
        copier.join();
        if (waits != null) {
            waits.join();
        }
    }
}
