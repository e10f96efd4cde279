package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Nanos;
import dev.forebay.base.Worker;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Outlet;
import dev.forebay.record.outlet.RetryPolicy;
import dev.forebay.record.outlet.Verdict;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Takes the batches of one buffer to an {@link Outlet}, in order, until it is closed.
 *
 * <p><b>Guarantee.</b> A batch is committed after its delivery returned, and only then; it is never
 * skipped: it is delivered, kept as a dead letter with a reason, or still in the buffer. A backlog
 * drains without new records.
 *
 * <p><b>Limit.</b> A batch that failed holds up those behind it. An attempt that timed out is
 * interrupted; one that ignores that goes on while nothing else is tried, so that deliveries never
 * overlap.
 *
 * <p><b>Threads.</b> One virtual thread, and one per attempt.
 *
 * @param <T> what a record is
 */
public final class Delivery<T> implements AutoCloseable {
    private static final Duration POLL = Duration.ofHours(1);

    private final RecordBuffer<T> buffer;
    private final Outlet<T> outlet;
    private final RetryPolicy policy;
    private final Clock clock;
    private final RandomGenerator random;
    private final Worker worker;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> stoppedBy = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** The batch that was taken and not answered. Used by the delivery's thread alone, as below. */
    private @Nullable Batch<T> out;

    private long firstAttemptId;
    private long firstAttemptNanos;

    /**
     * Begins to deliver; one delivery per buffer. Does not block.
     *
     * @param <T> what a record is
     * @param buffer whose batches are taken
     * @param outlet called by one thread at a time, with one batch at a time
     * @param policy when a failed attempt is repeated, and for how long
     * @return the delivery, to be closed by the caller
     */
    public static <T> Delivery<T> start(
            RecordBuffer<T> buffer, Outlet<T> outlet, RetryPolicy policy) {
        return new Delivery<>(buffer, outlet, policy, buffer.clock(), RandomGenerator.getDefault());
    }

    Delivery(
            RecordBuffer<T> buffer,
            Outlet<T> outlet,
            RetryPolicy policy,
            Clock clock,
            RandomGenerator random) {
        this.buffer = buffer;
        this.outlet = outlet;
        this.policy = policy;
        this.clock = clock;
        this.random = random;
        worker = Worker.virtual("forebay-record-delivery", this::run, this::stopped);
    }

    private void run() {
        while (!stopping.get() && !(out == null && buffer.isClosed())) {
            try {
                out = take().orElse(null);
                if (out != null) {
                    deliver(out);
                }
            } catch (InterruptedException e) {
                // Only close stops the delivery; a listener may leave an interrupt behind.
                giveBack("the delivery was interrupted");
            } catch (RuntimeException | Error e) {
                try {
                    giveBack(String.valueOf(e));
                } catch (RuntimeException | Error again) {
                    e.addSuppressed(again);
                }
                throw e;
            }
        }
        ended.countDown();
    }

    /** Makes the batch that was taken and not answered the next one handed out. */
    private void giveBack(String reason) {
        Batch<T> mine = out;
        out = null;
        if (mine != null) {
            buffer.giveBack(mine, reason);
        }
    }

    private void stopped(Throwable cause) {
        stoppedBy.compareAndSet(null, cause);
        ended.countDown();
    }

    /** A full disk may refuse a release for now; the next take tries it again. */
    private Optional<Batch<T>> take() throws InterruptedException {
        for (int failures = 1; ; failures++) {
            try {
                return buffer.take(POLL);
            } catch (ForebayException e) {
                if (buffer.isClosed()) {
                    return Optional.empty();
                }
                if (!e.mayRetry()) {
                    throw e;
                }
            }
            clock.sleep(policy.pause(failures, random));
        }
    }

    private void deliver(Batch<T> batch) throws InterruptedException {
        if (batch.id() != firstAttemptId) {
            firstAttemptId = batch.id();
            firstAttemptNanos = clock.nanos();
        }
        Throwable failure = attempt(batch);
        if (failure == null) {
            commit(batch);
            return;
        }
        String reason = String.valueOf(failure);
        Verdict verdict =
                policy.judge(
                        failure,
                        batch.size(),
                        batch.redeliveries() + 1,
                        Duration.ofNanos(clock.nanos() - firstAttemptNanos));
        try {
            answer(batch, verdict, reason);
        } catch (ForebayException e) {
            // The batch could be neither divided nor given up: it stays, and is the next one.
            e.addSuppressed(failure);
            if (!e.mayRetry()) {
                throw e;
            }
            giveBack(reason);
            pause(batch);
            return;
        }
        out = null;
        if (verdict == Verdict.RETRY) {
            pause(batch);
        } else if (verdict == Verdict.STOP) {
            stoppedBy.set(failure);
            stopping.set(true);
        }
    }

    private void answer(Batch<T> batch, Verdict verdict, String reason) {
        switch (verdict) {
            case RETRY, STOP -> buffer.fail(batch, reason);
            case SPLIT -> buffer.split(batch);
            case DEAD_LETTER -> buffer.deadLetter(batch, reason);
        }
    }

    private void pause(Batch<T> batch) throws InterruptedException {
        clock.sleep(policy.pause(batch.redeliveries() + 1, random));
    }

    /** A full disk may refuse a commit. The batch was delivered, so only that is tried again. */
    private void commit(Batch<T> batch) throws InterruptedException {
        for (int failures = 1; ; failures++) {
            try {
                buffer.commit(batch);
                out = null;
                return;
            } catch (ForebayException e) {
                if (!e.mayRetry()
                        || clock.nanos() - firstAttemptNanos >= Nanos.of(policy.deadline())) {
                    throw e;
                }
            }
            clock.sleep(policy.pause(failures, random));
        }
    }

    /** What the outlet threw, or null. */
    private @Nullable Throwable attempt(Batch<T> batch) throws InterruptedException {
        Attempt attempt = new Attempt();
        Worker thread =
                Worker.virtual(
                        "forebay-record-attempt",
                        () -> {
                            outlet.deliver(batch);
                            attempt.end(null);
                        },
                        attempt::end);
        try {
            attempt.await(clock, clock.deadline(policy.attemptTimeout()));
            if (!attempt.ended()) {
                thread.interrupt();
                attempt.await();
            }
            return attempt.thrown();
        } catch (InterruptedException | RuntimeException | Error e) {
            thread.interrupt();
            throw e;
        }
    }

    /** One call of the outlet. */
    private static final class Attempt {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();

        @GuardedBy("lock")
        private boolean ended;

        @GuardedBy("lock")
        private @Nullable Throwable thrown;

        void end(@Nullable Throwable why) {
            lock.lock();
            try {
                thrown = why;
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        void await(Clock clock, long deadline) throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (!ended && deadline - clock.nanos() > 0) {
                    clock.await(lock, changed, deadline);
                }
            } finally {
                lock.unlock();
            }
        }

        void await() throws InterruptedException {
            lock.lockInterruptibly();
            try {
                while (!ended) {
                    changed.await();
                }
            } finally {
                lock.unlock();
            }
        }

        boolean ended() {
            lock.lock();
            try {
                return ended;
            } finally {
                lock.unlock();
            }
        }

        @Nullable Throwable thrown() {
            lock.lock();
            try {
                return thrown;
            } finally {
                lock.unlock();
            }
        }
    }

    /** {@return what stopped the delivery, if anything did; the batch is in the buffer} */
    public Optional<Throwable> stoppedBy() {
        return Optional.ofNullable(stoppedBy.get());
    }

    /**
     * Blocks until the delivery has ended: closed, stopped, or its buffer closed.
     *
     * @throws InterruptedException if the thread is interrupted; the delivery goes on
     */
    public void join() throws InterruptedException {
        ended.await();
    }

    /**
     * Stops delivering, and blocks until that is so; an attempt under way is interrupted and its
     * batch kept. The buffer stays open.
     */
    @Override
    public void close() {
        stopping.set(true);
        worker.interrupt();
        worker.join();
    }
}
