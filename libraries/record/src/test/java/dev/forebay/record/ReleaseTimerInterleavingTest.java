package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/**
 * The timer's thread and the takers share the keeping of time. Here a seed chooses when records and
 * takers come, how time goes on, and which of the threads whose time has come wakes first.
 */
class ReleaseTimerInterleavingTest {
    private static final int SEEDS = Integer.getInteger("forebay.record.seeds", 150);
    private static final long MILLI = 1_000_000;
    private static final long AGE = 10 * MILLI;

    /** How late the timer's thread may be after takers that have left. */
    private static final long HEAD_START = 5 * MILLI;

    private static final long BOUND = TimeUnit.SECONDS.toNanos(30);

    /** Time that stands still until it is moved, and wakes one sleeper after the other. */
    private static final class SeededClock implements Clock {
        private record Sleeper(Lock lock, Condition condition, long deadline) {}

        private final ReentrantLock lock = new ReentrantLock();

        @GuardedBy("lock")
        private final List<Sleeper> sleepers = new ArrayList<>();

        @GuardedBy("lock")
        private long now;

        @Override
        public long nanos() {
            lock.lock();
            try {
                return now;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Instant wall() {
            return Instant.EPOCH.plusNanos(nanos());
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // The caller loops; the contract says so.
        public void await(Lock owner, Condition condition, long deadlineNanos)
                throws InterruptedException {
            Sleeper me = new Sleeper(owner, condition, deadlineNanos);
            if (!enlist(me)) {
                return;
            }
            try {
                condition.await();
            } finally {
                delist(me);
            }
        }

        private boolean enlist(Sleeper me) {
            lock.lock();
            try {
                return me.deadline - now > 0 && sleepers.add(me);
            } finally {
                lock.unlock();
            }
        }

        private void delist(Sleeper me) {
            lock.lock();
            try {
                sleepers.remove(me);
            } finally {
                lock.unlock();
            }
        }

        private List<Sleeper> advance(long nanos) {
            lock.lock();
            try {
                now += nanos;
                long later = now;
                return sleepers.stream().filter(one -> one.deadline - later <= 0).toList();
            } finally {
                lock.unlock();
            }
        }

        /** Moves time, and wakes those whose time has come in an order that {@code random} says. */
        void advance(long nanos, Random random) {
            List<Sleeper> due = new ArrayList<>(advance(nanos));
            while (!due.isEmpty()) {
                Sleeper next = due.remove(random.nextInt(due.size()));
                next.lock.lock();
                try {
                    next.condition.signalAll();
                } finally {
                    next.lock.unlock();
                }
                for (int i = random.nextInt(500); i > 0; i--) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static void take(RecordBuffer<Integer> buffer, long nanos) throws InterruptedException {
        Optional<Batch<Integer>> batch = buffer.take(Duration.ofNanos(nanos));
        batch.ifPresent(buffer::commit);
    }

    private static void run(int seed) throws Exception {
        Random random = new Random(seed);
        SeededClock clock = new SeededClock();
        List<Future<?>> takers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                RecordBuffer<Integer> buffer =
                        RecordBuffer.<Integer>of(Trigger.age(Duration.ofNanos(AGE)))
                                .clock(clock)
                                .open()) {
            for (int i = 0; i < 30; i++) {
                switch (random.nextInt(3)) {
                    case 0 -> buffer.add(i);
                    case 1 -> {
                        long patience = random.nextLong(2 * AGE);
                        takers.add(
                                threads.submit(() -> {
                                    take(buffer, patience);
                                    return true;
                                }));
                    }
                    default -> clock.advance(random.nextLong(7 * MILLI), random);
                }
            }
            awaitRelease(buffer, clock, random, seed);
            for (Future<?> one : takers) {
                await(one, clock, random, seed);
            }
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    /** A taker whose patience is over has left. */
    private static void await(Future<?> taker, SeededClock clock, Random random, int seed)
            throws Exception {
        long start = System.nanoTime();
        while (!taker.isDone()) {
            assertThat(System.nanoTime() - start)
                    .as("seed %d: nanoseconds until a taker leaves", seed)
                    .isLessThan(BOUND);
            clock.advance(2 * AGE, random); // It may have gone to sleep only now.
            Thread.onSpinWait();
        }
        taker.get(1, TimeUnit.SECONDS);
    }

    /** Once its age is over, and the head start of takers, what is held is released by itself. */
    private static void awaitRelease(
            RecordBuffer<Integer> buffer, SeededClock clock, Random random, int seed) {
        clock.advance(AGE + HEAD_START, random);
        long start = System.nanoTime();
        while (buffer.gauges().held() > 0) {
            assertThat(System.nanoTime() - start)
                    .as("seed %d: nanoseconds until all is released, at %d", seed, clock.nanos())
                    .isLessThan(BOUND);
            clock.advance(0, random); // A thread may have gone to sleep only now.
            Thread.onSpinWait();
        }
    }

    @Test
    void heldRecordsAreReleasedOnceTheirAgeIsOverWhicheverThreadWakesFirst() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }
}
