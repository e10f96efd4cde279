package dev.forebay.record;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Stops threads at points of their own choosing, and lets one of those that have arrived go on at a
 * time, in an order that depends on a seed.
 */
final class SeededScheduler implements AutoCloseable {
    private static final int MOST_SPINS = 2000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;

    @GuardedBy("lock")
    private final List<Thread> arrived = new ArrayList<>();

    @GuardedBy("lock")
    private final Random random;

    @GuardedBy("lock")
    private boolean ended;

    SeededScheduler(long seed) {
        random = new Random(seed);
        thread = Thread.ofPlatform().daemon().name("scheduler").start(this::run);
    }

    /** Blocks the calling thread until it is let go on. */
    void point() {
        Thread me = Thread.currentThread();
        lock.lock();
        try {
            if (ended) {
                return;
            }
            arrived.add(me);
            changed.signalAll();
            while (arrived.contains(me) && !ended) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (awaitArrival()) {
            letOthersArrive();
            letOneGo();
        }
    }

    private boolean awaitArrival() {
        lock.lock();
        try {
            while (arrived.isEmpty() && !ended) {
                changed.awaitUninterruptibly();
            }
            return !ended;
        } finally {
            lock.unlock();
        }
    }

    private void letOthersArrive() {
        int spins;
        lock.lock();
        try {
            spins = random.nextInt(MOST_SPINS);
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < spins; i++) {
            Thread.onSpinWait();
        }
    }

    private void letOneGo() {
        lock.lock();
        try {
            arrived.remove(random.nextInt(arrived.size()));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets all threads go on for good. */
    @Override
    public void close() throws InterruptedException {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.join();
    }
}
