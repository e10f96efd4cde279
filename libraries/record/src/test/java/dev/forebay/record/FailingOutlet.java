package dev.forebay.record;

import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Outlet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** An outlet that throws what it was told to, one per call, and afterwards takes everything. */
public final class FailingOutlet<T> implements Outlet<T> {
    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Deque<Exception> failures;
    private final List<T> delivered = new ArrayList<>();
    private int attempts;

    public FailingOutlet(Exception... failures) {
        this.failures = new ArrayDeque<>(Arrays.asList(failures));
    }

    @Override
    public void deliver(Batch<T> batch) throws Exception {
        lock.lock();
        try {
            attempts++;
            changed.signalAll();
            Exception failure = failures.poll();
            if (failure != null) {
                throw failure;
            }
            delivered.addAll(batch.records());
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until {@code count} records were delivered; returns all of them. */
    public List<T> awaitDelivered(int count) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (delivered.size() < count) {
                changed.await();
            }
            return List.copyOf(delivered);
        } finally {
            lock.unlock();
        }
    }

    /** How often it was called. */
    public int attempts() {
        lock.lock();
        try {
            return attempts;
        } finally {
            lock.unlock();
        }
    }
}
