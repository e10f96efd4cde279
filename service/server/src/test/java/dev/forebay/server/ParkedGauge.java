package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.blob.Lookup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Counts the requests that wait. */
final class ParkedGauge extends ParkedRequests {
    private static final long GUARD_SECONDS = 20;

    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private int count;

    private volatile CountDownLatch goingOn = new CountDownLatch(0);

    private volatile boolean late;

    @Override
    Lookup park(Exchange exchange, Supplier<Lookup> wait) {
        if (late) {
            awaitClientGone(exchange);
        } else {
            add(1);
        }
        try {
            return super.park(exchange, wait);
        } finally {
            add(-1);
            awaitGoingOn();
        }
    }

    /** Requests begin their wait, and their watch, after their client has gone. */
    void parkOnlyOnceClientIsGone() {
        late = true;
    }

    private void awaitClientGone(Exchange exchange) {
        CountDownLatch gone = new CountDownLatch(1);
        try (ClientWatch _ = exchange.onClientGone(gone::countDown)) {
            add(1);
            assertThat(gone.await(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted before its wait", e);
        }
    }

    /** Requests whose wait is over go on once {@code until} is counted down. */
    void holdAfterwards(CountDownLatch until) {
        goingOn = until;
    }

    private void awaitGoingOn() {
        try {
            goingOn.await();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted after its wait", e);
        }
    }

    private void add(int difference) {
        lock.lock();
        try {
            count += difference;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void awaitCount(int wanted) throws InterruptedException {
        lock.lock();
        try {
            long left = TimeUnit.SECONDS.toNanos(GUARD_SECONDS);
            while (count != wanted) {
                assertThat(left).as("held: %s, not %s", count, wanted).isPositive();
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }
}
