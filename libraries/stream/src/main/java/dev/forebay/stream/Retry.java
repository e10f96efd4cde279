package dev.forebay.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Nanos;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Repeats calls to a container by the class of their failure: those that may pass are tried again
 * after a pause that doubles and is cut at random, or the longer one that the other side asked for,
 * until the retry time since the first failure is over; all others fail at once. A missing
 * container is told in the words of buffers, a damaged blob as {@link DamagedException}.
 *
 * <p>Counts what it repeats. Safe for use by many threads.
 */
final class Retry {
    private static final long FIRST_PAUSE = Duration.ofMillis(50).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofSeconds(5).toNanos();
    private static final int DOUBLINGS = 7;

    /** How often a body with a wrong digest is asked for or sent again. */
    static final int WRONG_DIGESTS = 5;

    private final Clock clock;
    private final TransferListener listener;
    private final Map<Fault, LongAdder> counts = new ConcurrentHashMap<>();
    private final LongAdder wrongDigests = new LongAdder();

    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private boolean cancelled;

    Retry(Clock clock, TransferListener listener) {
        this.clock = clock;
        this.listener = listener;
    }

    Retries counted() {
        Map<Fault, Long> byFault = new EnumMap<>(Fault.class);
        counts.forEach((fault, count) -> byFault.put(fault, count.sum()));
        return new Retries(byFault, wrongDigests.sum());
    }

    void countWrongDigest() {
        wrongDigests.increment();
    }

    <T> T call(Duration retryTime, Supplier<T> attempt) {
        long firstFailure = 0;
        for (int tries = 1; ; tries++) {
            try {
                return attempt.get();
            } catch (ContainerException e) {
                if (e.fault() == Fault.MISSING_CONTAINER) {
                    throw new BufferMissingException(e);
                }
                if (e.fault() == Fault.DAMAGED) {
                    throw new DamagedException(String.valueOf(e.getMessage()), e);
                }
                if (e.fault() == Fault.CLOSED && Thread.currentThread().isInterrupted()) {
                    throw new TransferInterruptedException("calling the container", e);
                }
                if (!e.mayRetry()) {
                    throw e;
                }
                long now = clock.nanos();
                firstFailure = tries == 1 ? now : firstFailure;
                long left = Nanos.of(retryTime) - (now - firstFailure);
                if (left <= 0) {
                    throw new ContainerException(
                            e.fault(),
                            "%s; gave up after %d tries in %d s"
                                    .formatted(e.getMessage(), tries, retryTime.toSeconds()),
                            e);
                }
                counts.computeIfAbsent(e.fault(), fault -> new LongAdder()).increment();
                listener.retrying(e);
                long most = Math.min(LONGEST_PAUSE, FIRST_PAUSE << Math.min(tries, DOUBLINGS));
                long asked = e.retryAfter().map(Duration::toNanos).orElse(0L);
                long pause = Math.max(asked, 1 + ThreadLocalRandom.current().nextLong(most));
                pause(Duration.ofNanos(Math.min(left, pause)));
            }
        }
    }

    /** From now on nothing is tried again, and pauses are over. */
    void cancel() {
        lock.lock();
        try {
            cancelled = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void pause(Duration time) {
        long deadline = clock.nanos() + time.toNanos();
        lock.lock();
        try {
            while (!cancelled && deadline - clock.nanos() > 0) {
                clock.await(lock, changed, deadline);
            }
            if (cancelled) {
                throw new TransferInterruptedException("pausing before the next try", null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferInterruptedException("pausing before the next try", e);
        } finally {
            lock.unlock();
        }
    }
}
