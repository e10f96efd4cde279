package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A thread that the processor has no time for does not hold a batch up: of the timer's thread and
 * the takers, the first that runs releases it.
 */
class LateTimerTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);

    /** Keeps the timer of a buffer asleep when its time has come. */
    private static final class NoTimeForTheTimer implements Clock {
        private final ManualClock clock = new ManualClock();
        private final long aMinuteOn = clock.nanos() + MINUTE.toNanos();
        private final CountDownLatch timerWaits = new CountDownLatch(1);
        private final CountDownLatch takerWaits = new CountDownLatch(1);
        private final CountDownLatch takerLooksInTime = new CountDownLatch(1);

        @Override
        public long nanos() {
            return clock.nanos();
        }

        @Override
        public Instant wall() {
            return clock.wall();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // The caller loops; the contract says so.
        public void await(Lock lock, Condition condition, long deadlineNanos)
                throws InterruptedException {
            if (Thread.currentThread().getName().equals("forebay-record-timer")) {
                timerWaits.countDown();
                condition.await();
                return;
            }
            takerWaits.countDown();
            if (deadlineNanos == aMinuteOn) {
                takerLooksInTime.countDown();
            }
            clock.await(lock, condition, deadlineNanos);
        }
    }

    private static void checkThatTheTakerReleases(boolean takerIsFirst) throws Exception {
        NoTimeForTheTimer clock = new NoTimeForTheTimer();
        CompletableFuture<Cause> told = new CompletableFuture<>();
        RecordListener listener =
                new RecordListener() {
                    @Override
                    public void released(Facts batch) {
                        told.complete(batch.cause());
                    }
                };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                RecordBuffer<Integer> buffer =
                        RecordBuffer.of(Trigger.<Integer>age(MINUTE))
                                .clock(clock)
                                .listener(listener)
                                .open()) {
            if (!takerIsFirst) {
                buffer.add(1);
            }
            Future<Optional<Batch<Integer>>> taken = threads.submit(() -> buffer.take(HOUR));
            clock.takerWaits.await();
            if (takerIsFirst) {
                buffer.add(1);
            }
            assertThat(clock.takerLooksInTime.await(30, TimeUnit.SECONDS))
                    .as("the taker sleeps no longer than until the age is over")
                    .isTrue();
            clock.clock.advance(MINUTE);
            Batch<Integer> batch = taken.get().orElseThrow();
            assertThat(batch.records()).containsExactly(1);
            assertThat(batch.cause()).isEqualTo(Cause.TIME);
            assertThat(told.get(1, TimeUnit.MINUTES)).isEqualTo(Cause.TIME);
            buffer.commit(batch);
        }
    }

    @Test
    @Timeout(60)
    void takerThatWaitedBeforeARecordCameReleasesItInTime() throws Exception {
        checkThatTheTakerReleases(true);
    }

    @Test
    @Timeout(60)
    void takerThatWaitsWhileARecordIsHeldReleasesItInTime() throws Exception {
        checkThatTheTakerReleases(false);
    }

    /** After a taker has left, the timer's thread wakes when the age is over, not 5 ms later. */
    @Test
    @Timeout(60)
    void takerThatLeftDoesNotMakeTheTimerLate() throws Exception {
        ManualClock clock = new ManualClock();
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(Trigger.<Integer>age(MINUTE)).clock(clock).open()) {
            Thread taker = Thread.ofVirtual().start(() -> takeUntilInterrupted(buffer));
            clock.awaitWaiters(1);
            taker.interrupt();
            taker.join();
            buffer.add(1);
            clock.awaitWaiters(1);
            clock.advance(MINUTE);
            long start = System.nanoTime();
            while (buffer.gauges().held() > 0) {
                assertThat(System.nanoTime() - start)
                        .as("nanoseconds until the timer's thread releases")
                        .isLessThan(TimeUnit.SECONDS.toNanos(30));
                Thread.onSpinWait();
            }
        }
    }

    private static void takeUntilInterrupted(RecordBuffer<Integer> buffer) {
        try {
            buffer.take(HOUR);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    @Timeout(60)
    void takerThatComesWhenTheTimeIsOverGetsTheBatch() throws Exception {
        NoTimeForTheTimer clock = new NoTimeForTheTimer();
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(Trigger.<Integer>age(MINUTE)).clock(clock).open()) {
            buffer.add(1);
            clock.timerWaits.await();
            clock.clock.advance(MINUTE.minusNanos(1));
            assertThat(buffer.take(Duration.ZERO)).as("early").isEmpty();
            clock.clock.advance(Duration.ofNanos(1));
            assertThat(buffer.take(Duration.ZERO).orElseThrow().records()).containsExactly(1);
        }
    }
}
