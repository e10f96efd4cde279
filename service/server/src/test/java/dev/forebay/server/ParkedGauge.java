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

    @Override
    Lookup park(Exchange exchange, Supplier<Lookup> wait) {
        add(1);
        try {
            return super.park(exchange, wait);
        } finally {
            add(-1);
            awaitGoingOn();
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
