package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Outlet;
import dev.forebay.record.outlet.RetryPolicy;
import dev.forebay.record.outlet.Verdict;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A refusal keeps the batch; every way out of a failure is counted. */
@Timeout(600)
class DeliveryTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final RetryPolicy QUICK =
            new RetryPolicy(
                    Duration.ofNanos(1_000),
                    Duration.ofMillis(1),
                    LONG,
                    LONG,
                    100,
                    _ -> Verdict.RETRY);

    /** Counts the pauses of a delivery. */
    private static final class CountingClock implements Clock {
        private final ManualClock clock = new ManualClock();
        private final AtomicInteger pauses = new AtomicInteger();
        private volatile boolean pausing;

        @Override
        public long nanos() {
            return clock.nanos();
        }

        @Override
        public Instant wall() {
            return clock.wall();
        }

        @Override
        public void await(Lock lock, Condition condition, long deadlineNanos)
                throws InterruptedException {
            clock.await(lock, condition, deadlineNanos);
        }

        @Override
        public void sleep(Duration duration) throws InterruptedException {
            pauses.incrementAndGet();
            pausing = true;
            try {
                clock.sleep(duration);
            } finally {
                pausing = false;
            }
        }

        /** Lets time pass while the delivery pauses, and no other time. */
        void advanceUntil(BooleanSupplier done) {
            long start = System.nanoTime();
            while (!done.getAsBoolean()) {
                assertThat(System.nanoTime() - start)
                        .as("nanoseconds of waiting, after %s pauses", pauses)
                        .isLessThan(TimeUnit.MINUTES.toNanos(1));
                if (pausing && clock.waiters() > 0) {
                    clock.advance(Duration.ofMillis(1));
                }
                Thread.onSpinWait();
            }
        }
    }

    private static RecordBuffer<Integer> open() {
        return RecordBuffer.<Integer>of(Trigger.atLeast(2)).open();
    }

    @Test
    void aSinkThatFailsAndThenSucceedsSeesEveryRecordOnceInOrder() throws Exception {
        FailingOutlet<Integer> outlet =
                new FailingOutlet<>(new IOException("1"), new IOException("2"));
        RecordBuffer<Integer> buffer = open();
        numbers(1, 10).forEach(buffer::add);
        try (Delivery<Integer> _ = Delivery.start(buffer, outlet, QUICK)) {
            assertThat(buffer.drain(LONG)).isEqualTo(0);
        }
        assertThat(outlet.attempts()).isEqualTo(7);
        assertThat(outlet.awaitDelivered(10)).isEqualTo(numbers(1, 10));
        assertThat(buffer.ledger().committed()).isEqualTo(10);
    }

    @Test
    void tooManyAttemptsMakeADeadLetterWithItsReason() throws Exception {
        FailingOutlet<Integer> outlet =
                new FailingOutlet<>(new IOException("1"), new IOException("2"));
        RecordBuffer<Integer> buffer = open();
        buffer.addAll(numbers(1, 2));
        buffer.addAll(numbers(3, 4));
        try (Delivery<Integer> _ = Delivery.start(buffer, outlet, QUICK.withMaxAttempts(2))) {
            assertThat(buffer.drain(LONG)).isEqualTo(0);
        }
        assertThat(outlet.awaitDelivered(2)).isEqualTo(numbers(3, 4));
        DeadLetter<Integer> letter = buffer.deadLetters().getFirst();
        assertThat(letter.records()).isEqualTo(numbers(1, 2));
        assertThat(letter.reason()).contains("IOException: 2");
        assertThat(buffer.ledger().balances()).isTrue();
    }

    @Test
    void oneBadRecordIsFoundBySplittingAndTheOthersArrive() throws Exception {
        AtomicInteger sum = new AtomicInteger();
        RecordBuffer<Integer> buffer = RecordBuffer.<Integer>of(Trigger.atLeast(8)).open();
        buffer.addAll(numbers(1, 8));
        Outlet<Integer> outlet =
                batch -> {
                    if (batch.records().contains(5)) {
                        throw new IOException("five");
                    }
                    batch.records().forEach(sum::addAndGet);
                };
        try (Delivery<Integer> _ =
                Delivery.start(buffer, outlet, QUICK.withClassify(_ -> Verdict.SPLIT))) {
            assertThat(buffer.drain(LONG)).isEqualTo(0);
        }
        assertThat(sum).hasValue(36 - 5);
        assertThat(buffer.deadLetters().getFirst().records()).containsExactly(5);
        assertThat(buffer.ledger().balances()).isTrue();
    }

    @Test
    void stopKeepsTheBatchAndSaysWhy() throws Exception {
        RecordBuffer<Integer> buffer = open();
        buffer.addAll(numbers(1, 2));
        Delivery<Integer> delivery =
                Delivery.start(
                        buffer,
                        new FailingOutlet<>(new IOException("wrong password")),
                        QUICK.withClassify(_ -> Verdict.STOP));
        delivery.join();
        assertThat(delivery.stoppedBy().orElseThrow()).hasMessage("wrong password");
        assertThat(RecordBufferTest.next(buffer)).isEqualTo(numbers(1, 2));
    }

    @Test
    void anAttemptThatHangsIsInterruptedAndTriedAgain() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        RecordBuffer<Integer> buffer = open();
        buffer.addAll(numbers(1, 2));
        Outlet<Integer> outlet =
                _ -> {
                    if (calls.incrementAndGet() == 1) {
                        new CountDownLatch(1).await();
                    }
                };
        try (Delivery<Integer> _ =
                Delivery.start(buffer, outlet, QUICK.withAttemptTimeout(Duration.ofMillis(5)))) {
            assertThat(buffer.drain(LONG)).isEqualTo(0);
        }
        assertThat(buffer.ledger().committed()).isEqualTo(2);
    }

    /** The disk is full for some commits: the batch was delivered, and is not delivered again. */
    @Test
    void aCommitWithoutRoomIsTriedAgainAndItsBatchIsNotDeliveredTwice() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        CountingClock clock = new CountingClock();
        FailingOutlet<String> outlet = new FailingOutlet<>(new IOException("1"));
        List<Long> ids = new CopyOnWriteArrayList<>();
        Outlet<String> noting =
                batch -> {
                    outlet.deliver(batch);
                    ids.add(batch.id());
                };
        try (RecordBuffer<String> buffer = FullJournal.on(disk).clock(clock).open()) {
            FullJournal.fill(buffer, disk);
            try (Delivery<String> delivery = Delivery.start(buffer, noting, QUICK)) {
                clock.advanceUntil(() -> clock.pauses.get() > 4); // One is the outlet's failure.
                assertThat(buffer.ledger().committed()).isEqualTo(0);
                disk.faults(Faults.NONE);
                clock.advanceUntil(() -> buffer.ledger().committed() > 0);
                assertThat(delivery.stoppedBy()).isEmpty();
            }
            assertThat(ids).as("the batch whose commit was refused").containsOnlyOnce(1L);
        }
    }

    @Test
    void batchWhoseCommitMissesItsDeadlineIsGivenBack() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = FullJournal.on(disk).open()) {
            FullJournal.fill(buffer, disk);
            RetryPolicy noTime =
                    new RetryPolicy(
                            Duration.ofNanos(1),
                            Duration.ofNanos(1),
                            LONG,
                            Duration.ofNanos(1),
                            100,
                            _ -> Verdict.RETRY);
            Delivery<String> delivery = Delivery.start(buffer, new FailingOutlet<>(), noTime);
            delivery.join();
            assertThat(delivery.stoppedBy().orElseThrow()).isInstanceOf(JournalException.class);
            disk.faults(Faults.NONE);
            Optional<Batch<String>> again = buffer.take(Duration.ZERO);
            assertThat(again.map(Batch::id)).as("the batch is out for ever").contains(1L);
            buffer.commit(again.orElseThrow());
        }
    }

    @Test
    void errorInAClassifierGivesTheBatchBackAndStopsTheDelivery() throws Exception {
        RecordBuffer<Integer> buffer = open();
        buffer.addAll(numbers(1, 2));
        Delivery<Integer> delivery =
                Delivery.start(
                        buffer,
                        new FailingOutlet<>(new IOException("1")),
                        QUICK.withClassify(_ -> {
                            throw new OutOfMemoryError("injected");
                        }));
        delivery.join();
        assertThat(delivery.stoppedBy().orElseThrow()).isInstanceOf(OutOfMemoryError.class);
        assertThat(RecordBufferTest.next(buffer)).isEqualTo(numbers(1, 2));
        delivery.close();
    }

    @Test
    void pausesDoubleUpToTheCapWithFullJitter() {
        RetryPolicy policy = RetryPolicy.defaults();
        Random random = new Random(1);
        for (int failures = 1; failures < 70; failures++) {
            Duration bound =
                    Duration.ofMillis(Math.min(30_000, 100L << Math.min(failures - 1, 20)));
            assertThat(policy.pause(failures, random)).isBetween(Duration.ZERO, bound);
        }
    }

    @Test
    void aPolicyWithoutEndDeliversAndNeverPausesLessThanNothing() throws Exception {
        Duration forEver = ChronoUnit.FOREVER.getDuration();
        RetryPolicy policy =
                new RetryPolicy(
                        Duration.ofNanos(1), forEver, forEver, forEver, 100, _ -> Verdict.RETRY);
        Random random = new Random(1);
        for (int failures = 1; failures < 100; failures++) {
            assertThat(policy.pause(failures, random).isNegative()).isFalse();
        }
        RecordBuffer<Integer> buffer = open();
        buffer.addAll(numbers(1, 2));
        FailingOutlet<Integer> outlet = new FailingOutlet<>(new IOException("1"));
        try (Delivery<Integer> _ = Delivery.start(buffer, outlet, policy)) {
            assertThat(buffer.drain(LONG)).isEqualTo(0);
        }
        assertThat(outlet.attempts()).isEqualTo(2);
    }
}
