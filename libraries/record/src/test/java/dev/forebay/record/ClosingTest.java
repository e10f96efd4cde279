package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.PoisonedException;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every way in which what is held ends: reset, drain and close. */
class ClosingTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final ManualClock clock = new ManualClock();

    private RecordBuffer<Integer> open(Trigger<Integer> trigger) {
        return RecordBuffer.of(trigger).clock(clock).open();
    }

    @Test
    void resetDropsAndCountsHeldRecordsAndTellsListeners() {
        List<Boolean> resets = new ArrayList<>();
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(3))
                        .listener(
                                new RecordListener() {
                                    @Override
                                    public void onReset(boolean manual) {
                                        resets.add(manual);
                                    }
                                })
                        .open();
        buffer.addAll(numbers(1, 3));
        buffer.addAll(numbers(4, 5));
        assertThat(buffer.reset()).isEqualTo(2);
        assertThat(resets).containsExactly(false, true);
        assertThat(buffer.ledger().dropped()).containsEntry(DropReason.RESET, 2L);
        assertThat(buffer.ledger().balances()).isTrue();
    }

    @Test
    @Timeout(60)
    void takeAndDrainWithoutDeadlineEndWithTheBatch() throws Exception {
        Duration ever = ChronoUnit.FOREVER.getDuration();
        RecordBuffer<Integer> buffer = open(Trigger.anyOf(Trigger.atLeast(2), Trigger.age(MINUTE)));
        FutureTask<Batch<Integer>> taken = new FutureTask<>(() -> buffer.take(ever).orElseThrow());
        Thread.ofVirtual().start(taken);
        clock.awaitWaiters(1);
        buffer.addAll(numbers(1, 2));
        Batch<Integer> out = taken.get();
        FutureTask<Long> drained = new FutureTask<>(() -> buffer.drain(ever));
        Thread.ofVirtual().start(drained);
        clock.awaitWaiters(1);
        buffer.commit(out);
        assertThat(drained.get()).isEqualTo(0);
        assertThat(buffer.close(ever).records()).isEqualTo(0);
    }

    @Test
    @Timeout(60)
    void resetEndsADrain() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(2));
        buffer.addAll(numbers(1, 2));
        Batch<Integer> out = buffer.take(Duration.ZERO).orElseThrow();
        AtomicLong left = new AtomicLong(-1);
        Thread waiter = Thread.ofVirtual().start(() -> left.set(drained(buffer)));
        clock.awaitWaiters(1);
        buffer.add(3);
        buffer.commit(out);
        assertThat(buffer.reset()).isEqualTo(1);
        waiter.join();
        assertThat(left).hasValue(0);
    }

    private static long drained(RecordBuffer<Integer> buffer) {
        try {
            return buffer.drain(MINUTE);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Timeout(60)
    void aDrainEndsWithTheBuffer() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(1));
        buffer.add(1);
        AtomicLong left = new AtomicLong(-1);
        Thread waiter = Thread.ofVirtual().start(() -> left.set(drained(buffer)));
        clock.awaitWaiters(1);
        buffer.close();
        waiter.join();
        assertThat(left).hasValue(0);
        assertThatThrownBy(() -> buffer.take(MINUTE)).hasMessageContaining("the buffer is closed");
    }

    @Test
    void closeReleasesWhatIsHeldAndSaysWhatIsLeft() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(10));
        buffer.addAll(numbers(1, 3));
        assertThat(buffer.close(Duration.ZERO)).isEqualTo(new Remainder(3, Durability.ACCEPTED));
        assertThat(buffer.ledger().dropped()).containsEntry(DropReason.CLOSED, 3L);
        assertThatThrownBy(() -> buffer.add(4)).hasMessageContaining("closed");
    }

    @Test
    @Timeout(60)
    void closeHandsOutWhatIsHeldAndWaitsForItsCommit() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(10));
        buffer.addAll(numbers(1, 3));
        AtomicReference<Remainder> left = new AtomicReference<>();
        Thread closer = Thread.ofVirtual().start(() -> left.set(closed(buffer)));
        Batch<Integer> batch = buffer.take(MINUTE).orElseThrow();
        assertThat(batch.records()).isEqualTo(numbers(1, 3));
        buffer.commit(batch);
        closer.join();
        assertThat(left).hasValue(new Remainder(0, Durability.ACCEPTED));
        assertThat(buffer.ledger().committed()).isEqualTo(3);
    }

    private static Remainder closed(RecordBuffer<Integer> buffer) {
        try {
            return buffer.close(MINUTE);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A clock that holds the adder up between its entry and its wait for the sync. */
    private static final class HoldingUp implements Clock {
        private final Clock clock = Clock.system();
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final AtomicBoolean entered = new AtomicBoolean();

        /** The adder asks once for the time of its entry, and again before its wait. */
        @Override
        public long nanos() {
            boolean adder = Thread.currentThread().getName().equals("adder");
            if (adder && entered.getAndSet(true)) {
                begun.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
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
    }

    /** An adder that was refused would keep the record elsewhere, and have it twice. */
    @Test
    void anAddThatACloseOvertakesIsToldThatItsRecordIsThere() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        HoldingUp late = new HoldingUp();
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.atLeast(10))
                        .disk(disk)
                        .journal(Path.of("/buffer"))
                        .codec(Codec.strings());
        RecordBuffer<String> buffer = builder.clock(late).open();
        CompletableFuture<Long> added =
                CompletableFuture.supplyAsync(
                        () -> buffer.add("1"),
                        task -> Thread.ofVirtual().name("adder").start(task));
        late.begun.await();
        assertThat(buffer.close(Duration.ZERO).records()).isEqualTo(1);
        late.goOn.countDown();
        assertThat(added).succeedsWithin(MINUTE).isEqualTo(1L);
        SimulatedDisk left = disk.crash(Survival.NOTHING);
        try (RecordBuffer<String> again = builder.clock(Clock.system()).disk(left).open()) {
            again.flush();
            assertThat(next(again)).containsExactly("1");
        }
    }

    @Test
    void closeOnAnInterruptedThreadClosesEverything() throws InterruptedException {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.age(MINUTE))
                        .clock(clock)
                        .disk(disk)
                        .journal(Path.of("/buffer"))
                        .codec(Codec.strings());
        for (int round = 0; round < 3; round++) {
            RecordBuffer<String> buffer = builder.open();
            buffer.add("1");
            clock.awaitWaiters(1); // The timer's thread.
            Thread.currentThread().interrupt();
            buffer.close();
            assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
            assertThat(clock.waiters()).as("the timer's thread has ended").isEqualTo(0);
            buffer.close();
        }
    }

    @Test
    void closedBufferWithADueAgeAnswersEverythingWithClosed() {
        for (boolean durable : new boolean[] {false, true}) {
            RecordBufferBuilder<String> builder =
                    RecordBuffer.<String>of(Trigger.age(MINUTE))
                            .clock(clock)
                            .codec(Codec.strings());
            if (durable) {
                builder.disk(new SimulatedDisk()).journal(Path.of("/buffer"));
            }
            RecordBuffer<String> buffer = builder.open();
            buffer.add("1");
            buffer.close();
            clock.advance(MINUTE);
            for (ThrowingCallable call :
                    List.<ThrowingCallable>of(
                            () -> buffer.take(MINUTE),
                            () -> buffer.take(Duration.ZERO),
                            buffer::flush,
                            () -> buffer.drain(MINUTE),
                            buffer::reset,
                            () -> buffer.add("2"),
                            buffer::releaseAtNextTransfer)) {
                assertThatThrownBy(call)
                        .isInstanceOfSatisfying(
                                RecordException.class,
                                e -> assertThat(e.fault()).isEqualTo(RecordException.Fault.CLOSED));
            }
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    /** The lock file is let go of although the journal's last sync fails. */
    @Test
    void closeThatFailsClosesTheRestAllTheSame() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.anyOf(Trigger.atLeast(9), Trigger.age(MINUTE)))
                        .clock(clock)
                        .disk(disk)
                        .durability(Durability.WRITTEN)
                        .journal(Path.of("/buffer"))
                        .codec(Codec.strings());
        RecordBuffer<String> buffer = builder.open();
        buffer.add("1");
        disk.faults(
                Faults.failAll(call ->
                        call.kind() == DiskCall.Kind.SYNC || call.kind() == DiskCall.Kind.FORCE));
        assertThatThrownBy(buffer::close).isInstanceOf(PoisonedException.class);
        buffer.close();
        assertThat(clock.waiters()).isEqualTo(0);
        disk.faults(Faults.NONE);
        try (RecordBuffer<String> again = builder.open()) {
            assertThat(again.ledger().balances()).isTrue();
        }
    }
}
