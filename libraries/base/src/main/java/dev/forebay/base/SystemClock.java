package dev.forebay.base;

import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** The machine's clocks: {@link System#nanoTime} and {@link Instant#now}. */
enum SystemClock implements Clock {
    INSTANCE;

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Instant wall() {
        return Instant.now();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // The caller loops; the contract says so.
    public void await(Lock lock, Condition condition, long deadlineNanos)
            throws InterruptedException {
        long left = deadlineNanos - System.nanoTime();
        if (left > 0) {
            condition.awaitNanos(left);
        }
    }
}
