package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Closing;
import dev.forebay.base.Worker;
import dev.forebay.record.outlet.Cause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Owns the background threads of one buffer, and closes everything. A service of {@link
 * BufferState}.
 *
 * <p>The timer's thread runs only if the trigger has a time, the trimmer's only on a journal. If
 * one ends by a fault, {@link BufferState#failed} keeps the cause and wakes all waiters.
 */
final class Lifetime<T> {
    private final BufferState<T> in;

    /** Null in memory. */
    private final @Nullable JournalTrimmer<T> trimmer;

    @GuardedBy("in.lock")
    private @Nullable Worker timerThread;

    @GuardedBy("in.lock")
    private @Nullable Worker trimmerThread;

    Lifetime(BufferState<T> in) {
        this.in = in;
        trimmer =
                in.journal == null || in.log == null || in.trims == null
                        ? null
                        : new JournalTrimmer<>(in, in.journal, in.log, in.trims);
    }

    /** Starts the threads; closes everything if one cannot be started. */
    void start() {
        try {
            startThreads();
        } catch (RuntimeException | Error e) {
            try {
                close();
            } catch (RuntimeException | Error closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private void startThreads() {
        in.lock.lock(); // The threads begin with it, so they see these fields.
        try {
            if (in.timer != null) {
                timerThread = Worker.platform("forebay-record-timer", this::keepTime, in::failed);
            }
            if (trimmer != null) {
                trimmerThread = Worker.platform("forebay-record-trimmer", trimmer::run, in::failed);
            }
        } finally {
            in.lock.unlock();
        }
    }

    private void keepTime() {
        while (releaseByTime()) {
            in.announcer.tell();
        }
    }

    /** Runs the timer until it has released something to tell; false if the buffer is closed. */
    private boolean releaseByTime() {
        in.lock.lock();
        try {
            ReleaseTimer<T> timer = in.timer;
            while (timer != null && !in.phase.isClosed()) {
                if (timer.turn() && in.announcer.telling) {
                    return true;
                }
            }
            return false;
        } finally {
            in.lock.unlock();
        }
    }

    /** What was left, and whether this call is the first to close the buffer. */
    private record Closed(Remainder left, boolean first) {}

    /** As {@link #close()}, after waiting up to {@code deadline} for commits. */
    Remainder close(Duration deadline) throws InterruptedException {
        Closed closed;
        in.lock.lockInterruptibly();
        try {
            beginClosing();
            long end = in.clock.deadline(deadline);
            while (in.left() - in.held.size() > 0
                    && !in.phase.isClosed()
                    && end - in.clock.nanos() > 0) {
                in.waiters.awaitMove(end);
            }
            closed = endGiving();
        } finally {
            in.lock.unlock();
        }
        return closeAll(closed);
    }

    /** Takes and gives no more records, ends the threads and closes the journal. */
    Remainder close() {
        Closed closed;
        in.lock.lock();
        try {
            beginClosing();
            closed = endGiving();
        } finally {
            in.lock.unlock();
        }
        return closeAll(closed);
    }

    @GuardedBy("in.lock")
    private void beginClosing() {
        if (in.phase.beginClosing()) {
            in.waiters.room();
            if (in.log == null) {
                in.releaser.release(Cause.FLUSH);
            }
        }
    }

    @GuardedBy("in.lock")
    private Closed endGiving() {
        Closed closed =
                new Closed(new Remainder(in.left(), in.with.durability()), in.phase.close());
        if (closed.first) {
            in.waiters.moved();
            in.waiters.room();
            if (in.timer != null) {
                in.timer.wake();
            }
            if (in.log == null && closed.left.records() > 0) {
                in.drop(DropReason.CLOSED, 0, closed.left.records());
                in.held.letGo();
                in.queue.clear();
            }
        }
        return closed;
    }

    /** Closes everything whatever fails. The lock is free. */
    private Remainder closeAll(Closed closed) {
        if (!closed.first) {
            awaitEnd();
            return closed.left;
        }
        JournalAccess<T> journal = in.journal;
        try (Closing all = new Closing()) {
            all.then(this::joinTimer);
            all.then(this::endTrimmer);
            if (journal != null) {
                all.then(journal::close);
            }
            all.then(this::ended);
            all.then(in.announcer::tell);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close the buffer", e);
        }
        return closed.left;
    }

    private void joinTimer() {
        Worker thread;
        in.lock.lock();
        try {
            thread = timerThread;
        } finally {
            in.lock.unlock();
        }
        if (thread != null) {
            thread.join();
        }
    }

    /** Ends the trimmer after the pass that is due. */
    private void endTrimmer() {
        Worker thread;
        in.lock.lock();
        try {
            if (in.trims != null) {
                in.trims.end();
            }
            thread = trimmerThread;
        } finally {
            in.lock.unlock();
        }
        if (thread != null) {
            thread.join();
        }
    }

    private void ended() {
        in.lock.lock();
        try {
            in.phase.end();
            in.waiters.moved();
        } finally {
            in.lock.unlock();
        }
    }

    /**
     * Waits until everything is closed. A listener that closes on one of the buffer's threads
     * cannot wait for their end, and returns at once.
     */
    private void awaitEnd() {
        in.lock.lock();
        try {
            if (isCurrent(timerThread) || isCurrent(trimmerThread)) {
                return;
            }
            in.waiters.awaitEnd(in.phase);
        } finally {
            in.lock.unlock();
        }
    }

    private static boolean isCurrent(@Nullable Worker thread) {
        return thread != null && thread.isCurrent();
    }
}
