package dev.forebay.base;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** Time that a test moves, for one thread that never waits. */
final class HeldClock implements Clock {
    private long nanos = Long.MAX_VALUE - 5; // Readings may wrap round at any moment.

    void advance(Duration by) {
        nanos += by.toNanos();
    }

    @Override
    public long nanos() {
        return nanos;
    }

    @Override
    public Instant wall() {
        return Instant.EPOCH;
    }

    @Override
    public void await(Lock lock, Condition condition, long deadlineNanos) {
        throw new AssertionError("no test waits on this clock");
    }
}
