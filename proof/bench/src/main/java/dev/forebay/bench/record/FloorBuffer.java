package dev.forebay.bench.record;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** The floor: a list, a lock and a timer, without promises. Safe for use by several threads. */
public final class FloorBuffer<T> implements AutoCloseable {
    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition first = lock.newCondition();
    private final int limit;
    private final long ageNanos;
    private final Consumer<List<T>> sink;
    private List<T> held;
    private long firstAt;
    private boolean closed;

    public FloorBuffer(int limit, long ageNanos, Consumer<List<T>> sink) {
        this.limit = limit;
        this.ageNanos = ageNanos;
        this.sink = sink;
        held = new ArrayList<>(limit + 1);
        Thread.ofPlatform().daemon().start(this::runTimer);
    }

    public void add(T record) {
        List<T> full = null;
        lock.lock();
        try {
            if (held.isEmpty()) {
                firstAt = System.nanoTime();
            }
            held.add(record);
            if (held.size() > limit) {
                full = held;
                held = new ArrayList<>(limit + 1);
            }
        } finally {
            lock.unlock();
        }
        if (full != null) {
            sink.accept(full);
        }
    }

    /** Gives the sink what is held. */
    public void flush() {
        lock.lock();
        try {
            sink.accept(held);
            held = new ArrayList<>(limit + 1);
        } finally {
            lock.unlock();
        }
    }

    private void runTimer() {
        lock.lock();
        try {
            while (!closed) {
                long left = held.isEmpty() ? ageNanos : firstAt + ageNanos - System.nanoTime();
                if (left > 0) {
                    first.awaitNanos(left);
                } else {
                    sink.accept(held);
                    held = new ArrayList<>(limit + 1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            first.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
