package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.awaited;
import static dev.forebay.record.RecordBufferTest.next;
import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When the memory buffer releases, and what a trigger is refused for. */
class TriggersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final ManualClock clock = new ManualClock();

    private RecordBuffer<Integer> open(Trigger<Integer> trigger) {
        return RecordBuffer.of(trigger).clock(clock).open();
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
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("a minute and one").isEmpty();
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
            Batch<Integer> first = awaited(buffer);
            assertThat(first.records()).containsExactly(1);
            buffer.commit(first);
            clock.advance(Duration.ofSeconds(59));
            buffer.add(2);
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("59 s after the release").isEmpty();
            clock.advance(Duration.ofSeconds(1));
            assertThat(awaited(buffer).records()).containsExactly(2);
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
    void timeIsAskedLastEvenWhenWrittenFirst() throws Exception {
        try (RecordBuffer<Integer> buffer =
                open(
                        Trigger.anyOf(
                                Trigger.every(MINUTE),
                                Trigger.moreThan(0),
                                Trigger.matchingHeld(_ -> false)))) {
            clock.advance(MINUTE);
            buffer.add(1);
            assertThat(buffer.take(Duration.ZERO).orElseThrow().cause()).isEqualTo(Cause.COUNT);
        }
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
}
