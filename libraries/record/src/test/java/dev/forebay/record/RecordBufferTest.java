package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The memory buffer: the reference's behaviour tables, and what a release promises. */
class RecordBufferTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final ManualClock clock = new ManualClock();

    private RecordBuffer<Integer> open(Trigger<Integer> trigger) {
        return RecordBuffer.of(trigger).clock(clock).open();
    }

    static <T> List<T> next(RecordBuffer<T> buffer) throws InterruptedException {
        Optional<Batch<T>> batch = buffer.take(Duration.ZERO);
        batch.ifPresent(buffer::commit);
        return batch.map(Batch::records).orElse(List.of());
    }

    /** A batch that another thread is about to release. */
    static <T> Batch<T> awaited(RecordBuffer<T> buffer) throws InterruptedException {
        Optional<Batch<T>> batch = buffer.take(Duration.ZERO);
        while (batch.isEmpty()) {
            Thread.onSpinWait();
            batch = buffer.take(Duration.ZERO);
        }
        return batch.orElseThrow();
    }

    static List<Integer> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void fourAndFourAndThreeAtTenAreReleasedAsEleven() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.moreThan(10));
        buffer.addAll(numbers(1, 4));
        assertThat(next(buffer)).isEmpty();
        buffer.addAll(numbers(5, 8));
        assertThat(next(buffer)).isEmpty();
        buffer.addAll(numbers(9, 11));
        assertThat(next(buffer)).isEqualTo(numbers(1, 11));
    }

    @Test
    void moreThanTenFedSinglyReleasesAtTheEleventhAndTheTwentySecond() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.moreThan(10));
        for (int i = 1; i <= 22; i++) {
            assertThat(buffer.add(i)).isEqualTo(i);
            assertThat(next(buffer)).isEqualTo(i == 11 || i == 22 ? numbers(i - 10, i) : List.of());
        }
    }

    @Test
    void sixThenFiveAreReleasedTogetherByCountAndByTime() throws Exception {
        RecordBuffer<Integer> byCount = open(Trigger.moreThan(10));
        RecordBuffer<Integer> byTime = open(Trigger.age(MINUTE));
        for (RecordBuffer<Integer> buffer : List.of(byCount, byTime)) {
            buffer.addAll(numbers(1, 6));
            assertThat(next(buffer)).isEmpty();
            buffer.addAll(numbers(7, 11));
        }
        assertThat(next(byCount)).isEqualTo(numbers(1, 11));
        assertThat(next(byTime)).isEmpty();
        clock.awaitWaiters(1);
        clock.advance(MINUTE);
        Batch<Integer> batch = awaited(byTime);
        assertThat(batch.records()).isEqualTo(numbers(1, 11));
        assertThat(batch.cause()).isEqualTo(Cause.TIME);
        byTime.close();
    }

    @Test
    void theAgeCountsFromTheFirstRecordAndNeverFiresEarly() throws Exception {
        try (RecordBuffer<Integer> buffer =
                open(Trigger.anyOf(Trigger.moreThan(10), Trigger.age(MINUTE)))) {
            clock.advance(MINUTE.multipliedBy(5));
            buffer.add(1);
            clock.awaitWaiters(1);
            clock.advance(MINUTE.minusNanos(1));
            buffer.add(2);
            clock.awaitWaiters(1);
            assertThat(next(buffer)).isEmpty();
            clock.advance(Duration.ofNanos(1));
            assertThat(awaited(buffer).records()).containsExactly(1, 2);
        }
    }

    @Test
    void underAllOfTheClockRunsFromTheFirstRecordToo() throws Exception {
        try (RecordBuffer<Integer> buffer =
                open(Trigger.allOf(Trigger.age(MINUTE), Trigger.moreThan(1)))) {
            buffer.add(1);
            clock.advance(MINUTE);
            assertThat(next(buffer)).isEmpty();
            buffer.add(2);
            assertThat(next(buffer)).containsExactly(1, 2);
        }
    }

    @Test
    void idleCountsFromTheLastRecord() throws Exception {
        try (RecordBuffer<Integer> buffer = open(Trigger.idle(MINUTE))) {
            buffer.add(1);
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(40));
            buffer.add(2);
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(40));
            clock.awaitWaiters(1);
            assertThat(next(buffer)).isEmpty();
            clock.advance(Duration.ofSeconds(20));
            assertThat(awaited(buffer).records()).containsExactly(1, 2);
        }
    }

    @Test
    void everyCountsFromTheLastRelease() throws Exception {
        try (RecordBuffer<Integer> buffer = open(Trigger.every(MINUTE))) {
            clock.advance(Duration.ofSeconds(50));
            buffer.add(1);
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(10));
            assertThat(awaited(buffer).records()).containsExactly(1);
        }
    }

    @Test
    void aWallClockStepChangesNoAge() throws Exception {
        try (RecordBuffer<Integer> buffer = open(Trigger.age(MINUTE))) {
            buffer.add(1);
            clock.awaitWaiters(1);
            clock.stepWall(Duration.ofHours(1));
            buffer.addAll(List.of());
            assertThat(next(buffer)).isEmpty();
        }
    }

    @Test
    void conditionsAreAskedCustomCountBytesTimeHoweverWritten() throws Exception {
        List<String> asked = new ArrayList<>();
        Trigger<Integer> trigger =
                Trigger.anyOf(
                        Trigger.age(MINUTE),
                        Trigger.bytes(1),
                        Trigger.moreThan(0),
                        Trigger.matchingHeld(held -> !asked.add("held " + held.size())));
        RecordBuffer<Integer> buffer =
                RecordBuffer.of(trigger).clock(clock).sizer(record -> 1).open();
        buffer.add(1);
        assertThat(asked).containsExactly("held 1");
        assertThat(buffer.take(Duration.ZERO).orElseThrow().cause()).isEqualTo(Cause.COUNT);
        buffer.close();
    }

    @Test
    void underAllOfAskingStopsAtTheFirstNo() {
        AtomicInteger asked = new AtomicInteger();
        RecordBuffer<Integer> buffer =
                open(
                        Trigger.allOf(
                                Trigger.matching(_ -> false),
                                Trigger.matchingHeld(_ -> asked.incrementAndGet() > 0)));
        buffer.add(1);
        assertThat(asked).hasValue(0);
    }

    @Test
    void aRecordThatMatchesReleasesEverything() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.matching(record -> record == 11));
        buffer.addAll(numbers(1, 10));
        assertThat(next(buffer)).isEmpty();
        buffer.add(11);
        assertThat(next(buffer)).isEqualTo(numbers(1, 11));
    }

    @Test
    void aThrowingPredicateNeitherReleasesNorLosesAndIsCounted() throws Exception {
        Trigger<Integer> bad =
                Trigger.matching(_ -> {
                    throw new IllegalStateException("bad predicate");
                });
        for (boolean any : List.of(true, false)) {
            Trigger<Integer> count = Trigger.atLeast(2);
            RecordBuffer<Integer> buffer =
                    open(any ? Trigger.anyOf(bad, count) : Trigger.allOf(bad, count));
            buffer.add(1);
            assertThat(next(buffer)).isEmpty();
            buffer.add(2);
            assertThat(next(buffer)).isEqualTo(any ? List.of(1, 2) : List.of());
            assertThat(buffer.gauges().predicateFailures()).isEqualTo(2);
            buffer.flush();
            assertThat(next(buffer)).isEqualTo(any ? List.of() : List.of(1, 2));
        }
    }

    @Test
    void contradictionsAreRefusedAndCanNeverReleaseIsSaid() {
        assertThatThrownBy(Trigger::allOf).hasMessageContaining("allOf()");
        assertThatThrownBy(() -> Trigger.atLeast(0)).hasMessageContaining("n >= 1");
        assertThatThrownBy(() -> RecordBuffer.of(Trigger.moreThan(10)).capacity(10).open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("11 records and the buffer is full at 10");
        assertThatThrownBy(() -> RecordBuffer.of(Trigger.bytes(10)).open())
                .hasMessageContaining("codec or a sizer");
        assertThat(RecordBuffer.of(Trigger.anyOf()).warnings()).hasSize(1);
        assertThat(RecordBuffer.of(Trigger.anyOf()).open().gauges().canRelease()).isFalse();
    }

    @Test
    void flushActsNowAndTheFlagAtTheNextTransferOnly() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.moreThan(100));
        buffer.addAll(numbers(1, 6));
        buffer.releaseAtNextTransfer();
        assertThat(next(buffer)).isEmpty();
        buffer.addAll(numbers(7, 11));
        assertThat(next(buffer)).isEqualTo(numbers(1, 11));
        buffer.releaseAtNextTransfer();
        buffer.addAll(List.of());
        buffer.add(12);
        assertThat(next(buffer)).as("the flag is not left armed").isEmpty();
        assertThat(buffer.flush()).isEqualTo(1);
        assertThat(buffer.flush()).isEqualTo(0);
        assertThat(next(buffer)).containsExactly(12);
    }

    @Test
    void aReleaseIsDividedByTheCapsWithNothingLeftBehind() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(10))
                        .sizer(record -> record)
                        .maxBatchRecords(4)
                        .maxBatchBytes(15)
                        .open();
        buffer.addAll(numbers(1, 10));
        List<List<Integer>> batches = new ArrayList<>();
        for (List<Integer> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
            batches.add(b);
        }
        assertThat(batches)
                .containsExactly(
                        numbers(1, 4), numbers(5, 6), List.of(7, 8), List.of(9), List.of(10));
        assertThatThrownBy(() -> buffer.add(16)).hasMessageContaining("16 bytes exceeds");
        assertThat(buffer.ledger().balances()).isTrue();
    }

    @Test
    void onlyTheTakenBatchCanBeCommittedAndOnlyOnce() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(1));
        buffer.add(1);
        buffer.add(2);
        Batch<Integer> first = buffer.take(Duration.ZERO).orElseThrow();
        assertThat(buffer.take(Duration.ZERO)).as("one batch at a time").isEmpty();
        buffer.fail(first, "not now");
        Batch<Integer> again = buffer.take(Duration.ZERO).orElseThrow();
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.redeliveries()).isEqualTo(1);
        buffer.commit(again);
        assertThatThrownBy(() -> buffer.commit(again)).isInstanceOf(RecordException.class);
        assertThat(next(buffer)).containsExactly(2);
    }

    @Test
    void aFullBufferDoesWhatWasChosenAndTheLedgerBalances() throws Exception {
        for (WhenFull choice :
                List.of(
                        WhenFull.reject(),
                        WhenFull.dropOldest(),
                        WhenFull.dropNewest(),
                        WhenFull.block(Duration.ZERO))) {
            RecordBuffer<Integer> buffer =
                    RecordBuffer.<Integer>of(Trigger.atLeast(2))
                            .capacity(3)
                            .whenFull(choice)
                            .open();
            buffer.addAll(numbers(1, 3));
            if (choice instanceof WhenFull.Reject || choice instanceof WhenFull.Block) {
                assertThatThrownBy(() -> buffer.add(4)).hasMessageContaining("3 of 3");
            } else {
                assertThat(buffer.add(4)).isEqualTo(choice instanceof WhenFull.DropNewest ? 0 : 4);
            }
            assertThat(buffer.ledger().balances()).as(choice.toString()).isTrue();
            assertThat(next(buffer))
                    .isEqualTo(choice instanceof WhenFull.DropOldest ? List.of() : numbers(1, 3));
        }
    }

    @Test
    void aBlockedAddGoesOnWhenThereIsRoom() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(1)).clock(clock).capacity(1).open();
        buffer.add(1);
        CountDownLatch added = new CountDownLatch(1);
        Thread adder =
                Thread.ofVirtual()
                        .start(() -> {
                            buffer.add(2);
                            added.countDown();
                        });
        clock.awaitWaiters(1);
        assertThat(next(buffer)).containsExactly(1);
        added.await();
        adder.join();
        assertThat(next(buffer)).containsExactly(2);
    }

    @Test
    void resetDropsWhatIsHeldAndCountsItAndSaysSo() {
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
    void aResetWakesThoseWhoDrain() throws Exception {
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
        assertThat(buffer.take(MINUTE)).isEmpty();
    }

    @Test
    void aBatchThatNobodyCommitsIsStuckAfterTheGivenTime() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(1)).clock(clock).stuckAfter(MINUTE).open();
        buffer.add(1);
        Batch<Integer> batch = buffer.take(Duration.ZERO).orElseThrow();
        clock.advance(MINUTE);
        assertThat(buffer.gauges().stuck()).isFalse();
        clock.advance(Duration.ofNanos(1));
        assertThat(buffer.gauges().stuck()).isTrue();
        assertThat(buffer.gauges().oldestRelease()).isEqualTo(MINUTE.plusNanos(1));
        buffer.commit(batch);
        assertThat(buffer.gauges().stuck()).isFalse();
    }

    @Test
    void laterChangesOfTheBuilderDoNotReachAnOpenBuffer() {
        RecordBufferBuilder<Integer> builder = RecordBuffer.of(Trigger.atLeast(2));
        RecordBuffer<Integer> buffer = builder.whenFull(WhenFull.dropNewest()).capacity(2).open();
        builder.whenFull(WhenFull.reject());
        buffer.addAll(numbers(1, 2));
        assertThat(buffer.add(3)).isEqualTo(0);
    }

    @Test
    void aListenerThatThrowsCostsNoRecord() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(2))
                        .listener(
                                new RecordListener() {
                                    @Override
                                    public void released(Facts batch) {
                                        throw new IllegalStateException("bad listener");
                                    }
                                })
                        .open();
        buffer.addAll(numbers(1, 2));
        assertThat(next(buffer)).isEqualTo(numbers(1, 2));
        assertThat(buffer.gauges().listenerFailures()).isEqualTo(1);
    }

    @Test
    void closeReleasesWhatIsHeldAndSaysWhatIsLeft() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(10));
        buffer.addAll(numbers(1, 3));
        assertThat(buffer.close(Duration.ZERO).records()).isEqualTo(3);
        assertThat(buffer.ledger().dropped()).containsEntry(DropReason.CLOSED, 3L);
        assertThatThrownBy(() -> buffer.add(4)).hasMessageContaining("closed");
    }

    @Test
    void manyThreadsLoseNothingAndDoubleNothing() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.anyOf(Trigger.moreThan(7), Trigger.age(MINUTE)))
                        .open();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int base = t * 20_000;
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> numbers(base + 1, base + 20_000).forEach(buffer::add)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        buffer.flush();
        List<Integer> all = new ArrayList<>();
        for (List<Integer> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
            all.addAll(b);
        }
        assertThat(all).hasSize(80_000).doesNotHaveDuplicates();
        assertThat(buffer.ledger().balances()).isTrue();
        buffer.close();
    }
}
