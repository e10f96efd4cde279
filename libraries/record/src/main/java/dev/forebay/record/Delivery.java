package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Nanos;
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
 */
public final class Delivery<T> implements AutoCloseable {
    private static final Duration POLL = Duration.ofHours(1);

    private final RecordBuffer<T> buffer;
    private final Outlet<T> outlet;
    private final RetryPolicy policy;
    private final Clock clock;
    private final RandomGenerator random;
    private final Thread thread;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable Throwable> stoppedBy = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private long firstAttemptId;
    private long firstAttemptNanos;

    /**
     * Begins to deliver; one delivery per buffer. Does not block.
     *
     * @param outlet called by one thread at a time, with one batch at a time
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
        thread = Thread.ofVirtual().name("forebay-record-delivery").unstarted(this::run);
        thread.start();
    }

    private void run() {
        try {
            while (!stopping.get()) {
                Optional<Batch<T>> batch = take();
                if (batch.isPresent()) {
                    deliver(batch.orElseThrow());
                } else if (buffer.isClosed()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // Only close interrupts; what was taken was put back.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            stoppedBy.compareAndSet(null, e);
        } finally {
            ended.countDown();
        }
    }

    /** A full disk may refuse a release for now; the next take tries it again. */
    private Optional<Batch<T>> take() throws InterruptedException {
        for (int failures = 1; ; failures++) {
            try {
                return buffer.take(POLL);
            } catch (ForebayException e) {
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
        Throwable failure;
        try {
            failure = attempt(batch);
        } catch (InterruptedException e) {
            buffer.fail(batch, "the delivery was closed");
            throw e;
        }
        if (failure == null) {
            commit(batch);
            return;
        }
        String reason = String.valueOf(failure);
        boolean out =
                batch.redeliveries() + 1 >= policy.maxAttempts()
                        || clock.nanos() - firstAttemptNanos >= deadlineNanos();
        Verdict verdict = verdict(failure);
        if (verdict == Verdict.RETRY && out || verdict == Verdict.SPLIT && batch.size() == 1) {
            verdict = Verdict.DEAD_LETTER;
        }
        try {
            judge(batch, verdict, reason);
        } catch (ForebayException e) {
            // The batch could be neither divided nor given up: it stays, and is the next one.
            e.addSuppressed(failure);
            buffer.fail(batch, reason);
            if (!e.mayRetry()) {
                throw e;
            }
            pause(batch);
            return;
        }
        if (verdict == Verdict.RETRY) {
            pause(batch);
        } else if (verdict == Verdict.STOP) {
            stoppedBy.set(failure);
            stopping.set(true);
        }
    }

    private void judge(Batch<T> batch, Verdict verdict, String reason) {
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
                return;
            } catch (ForebayException e) {
                if (!e.mayRetry() || clock.nanos() - firstAttemptNanos >= deadlineNanos()) {
                    throw e;
                }
            }
            try {
                clock.sleep(policy.pause(failures, random));
            } catch (InterruptedException e) {
                buffer.fail(batch, "the delivery was closed before its commit had room");
                throw e;
            }
        }
    }

    private long deadlineNanos() {
        return Nanos.of(policy.deadline());
    }

    private Verdict verdict(Throwable failure) {
        try {
            return policy.classify().apply(failure);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            return Verdict.RETRY;
        }
    }

    /** What the outlet threw, or null. */
    private @Nullable Throwable attempt(Batch<T> batch) throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        Condition changed = lock.newCondition();
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        Thread attempt =
                Thread.ofVirtual()
                        .name("forebay-record-attempt")
                        .start(() -> {
                            try {
                                outlet.deliver(batch);
                            } catch (Throwable e) {
                                thrown.set(e);
                            }
                            lock.lock();
                            try {
                                done.set(true);
                                changed.signalAll();
                            } finally {
                                lock.unlock();
                            }
                        });
        long deadline = clock.deadline(policy.attemptTimeout());
        try {
            lock.lockInterruptibly();
            try {
                while (!done.get() && deadline - clock.nanos() > 0) {
                    clock.await(lock, changed, deadline);
                }
            } finally {
                lock.unlock();
            }
            if (!done.get()) {
                attempt.interrupt();
            }
            attempt.join();
        } catch (InterruptedException e) {
            attempt.interrupt();
            throw e;
        }
        return thrown.get();
    }

    /** What stopped the delivery, if anything did; the batch is in the buffer. */
    public Optional<Throwable> stoppedBy() {
        return Optional.ofNullable(stoppedBy.get());
    }

    /** Blocks until the delivery has ended: closed, stopped, or its buffer closed. */
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
        thread.interrupt();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
