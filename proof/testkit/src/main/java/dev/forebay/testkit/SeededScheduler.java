package dev.forebay.testkit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds each thread that comes to a point, and lets one of those it holds go on at a time, in an
 * order that the seed chooses.
 *
 * <p><b>Limit.</b> A thread that is blocked elsewhere is not waited for, so the order also depends
 * a little on the machine.
 *
 * <p>Safe for use by many threads.
 */
public final class SeededScheduler implements AutoCloseable {
    private static final int LONGEST_SPIN = 2000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Random random;
    private final Thread thread;

    @GuardedBy("lock")
    private final List<Thread> held = new ArrayList<>();

    @GuardedBy("lock")
    private boolean ended;

    /** Begins to let threads go on. */
    public SeededScheduler(long seed) {
        random = new Random(seed);
        thread = Thread.ofPlatform().daemon().name("scheduler").start(this::run);
    }

    /** Blocks until it is the turn of the calling thread, or the scheduler has ended. */
    public void point() {
        Thread me = Thread.currentThread();
        lock.lock();
        try {
            if (ended) {
                return;
            }
            held.add(me);
            changed.signalAll();
            while (held.contains(me) && !ended) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        lock.lock();
        try {
            while (!ended) {
                if (held.isEmpty()) {
                    changed.awaitUninterruptibly();
                    continue;
                }
                letOthersArrive(random.nextInt(LONGEST_SPIN));
                if (!held.isEmpty()) {
                    held.remove(random.nextInt(held.size()));
                    changed.signalAll();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void letOthersArrive(int times) {
        lock.unlock();
        try {
            for (int i = 0; i < times; i++) {
                Thread.onSpinWait();
            }
        } finally {
            lock.lock();
        }
    }

    /** Lets every thread go on, now and later. */
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
