package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a listener cannot do, and when the clock of a batch starts. */
class ClocksAndListenersTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Throws whenever a batch is released. */
    private static final RecordListener BAD =
            new RecordListener() {
                @Override
                public void released(Facts batch) {
                    throw new IllegalStateException("bad listener");
                }
            };

    private static void checkThatAListenerCostsNoBatch() throws Exception {
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(2)).listener(BAD).open()) {
            buffer.addAll(List.of(1, 2));
            buffer.addAll(List.of(3, 4));
            assertThat(next(buffer)).as("the batch of a bad listener").containsExactly(1, 2);
            assertThat(next(buffer)).containsExactly(3, 4);
            assertThat(buffer.ledger().committed()).isEqualTo(4);
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    @Test
    void noListenerCostsABatch() throws Exception {
        checkThatAListenerCostsNoBatch();
    }

    /** One record comes, the second a nanosecond before the age is reached. */
    private static void checkThatTheAgeIsThatOfTheFirst(Trigger<Integer> trigger) throws Exception {
        ManualClock clock = new ManualClock();
        try (RecordBuffer<Integer> buffer = RecordBuffer.of(trigger).clock(clock).open()) {
            clock.advance(MINUTE);
            buffer.add(1);
            clock.advance(MINUTE.minusNanos(1));
            buffer.add(2);
            assertThat(next(buffer)).as("early").isEmpty();
            clock.advance(Duration.ofNanos(1));
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("a minute after the first").containsExactly(1, 2);
        }
    }

    private static List<Trigger<Integer>> aged() {
        return List.of(
                Trigger.age(MINUTE),
                Trigger.anyOf(Trigger.moreThan(10), Trigger.age(MINUTE)),
                Trigger.allOf(Trigger.moreThan(1), Trigger.age(MINUTE)));
    }

    @Test
    void anAgeCountsFromTheFirstRecordUnderEveryTrigger() throws Exception {
        for (Trigger<Integer> trigger : aged()) {
            checkThatTheAgeIsThatOfTheFirst(trigger);
        }
    }

    /** How the first batch goes. */
    private static List<Consumer<RecordBuffer<Integer>>> departures() {
        return List.of(
                RecordBuffer::flush,
                RecordBuffer::reset,
                buffer -> {
                    buffer.releaseAtNextTransfer();
                    buffer.addAll(List.of());
                },
                buffer -> buffer.addAll(numbers(-10, 0)));
    }

    /** The first batch goes 50 s after it began, and the second begins then. */
    private static void checkThatEveryBatchHasAClockOfItsOwn(
            Trigger<Integer> trigger, Consumer<RecordBuffer<Integer>> departure, ManualClock clock)
            throws Exception {
        try (RecordBuffer<Integer> buffer = RecordBuffer.of(trigger).clock(clock).open()) {
            clock.advance(MINUTE);
            buffer.add(-12);
            buffer.add(-11);
            clock.advance(Duration.ofSeconds(50));
            departure.accept(buffer);
            buffer.flush();
            next(buffer);
            buffer.add(1);
            clock.advance(Duration.ofSeconds(30));
            buffer.add(2);
            clock.advance(Duration.ofSeconds(30).minusNanos(1));
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("early by the clock of the first batch").isEmpty();
            clock.advance(Duration.ofNanos(1));
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("a minute after its own first").containsExactly(1, 2);
        }
    }

    @Test
    void theClockOfTheSecondBatchStartsWithItsOwnFirstRecord() throws Exception {
        for (Trigger<Integer> trigger : aged()) {
            for (Consumer<RecordBuffer<Integer>> departure : departures()) {
                checkThatEveryBatchHasAClockOfItsOwn(trigger, departure, new ManualClock());
            }
        }
    }

    /** The second batch begins with a record that takes no lock, right after a release by count. */
    private static void checkThatABatchThatBeginsEasilyHasItsAge(ManualClock clock)
            throws Exception {
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(Trigger.<Integer>anyOf(Trigger.moreThan(2), Trigger.age(MINUTE)))
                        .clock(clock)
                        .open()) {
            clock.advance(MINUTE);
            buffer.add(-2);
            clock.awaitWaiters(1); // A timer that starts late would hear of record 1 at once.
            numbers(-1, 0).forEach(buffer::add);
            clock.advance(Duration.ofSeconds(50));
            buffer.add(1);
            clock.advance(Duration.ofSeconds(30));
            buffer.add(2);
            clock.advance(Duration.ofSeconds(30).minusNanos(1));
            buffer.addAll(List.of());
            assertThat(next(buffer)).containsExactly(-2, -1, 0);
            assertThat(next(buffer)).as("early").isEmpty();
            clock.advance(Duration.ofNanos(1));
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("a minute after its own first").containsExactly(1, 2);
        }
    }

    @Test
    void aBatchThatBeginsEasilyHasItsAge() throws Exception {
        checkThatABatchThatBeginsEasilyHasItsAge(new ManualClock());
    }

    @Test
    @Timeout(60)
    void aBatchThatBeginsEasilyGoesByItsAgeThoughNothingElseComes() throws Exception {
        ManualClock clock = new ManualClock();
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(Trigger.<Integer>anyOf(Trigger.moreThan(2), Trigger.age(MINUTE)))
                        .clock(clock)
                        .open()) {
            buffer.add(-2);
            clock.awaitWaiters(1);
            buffer.add(-1);
            buffer.add(0);
            clock.advance(Duration.ofSeconds(10));
            buffer.add(1);
            assertThat(next(buffer)).containsExactly(-2, -1, 0);
            clock.advance(Duration.ofSeconds(50)); // The minute of the first batch.
            clock.awaitWaiters(1);
            assertThat(next(buffer)).as("early").isEmpty();
            clock.advance(Duration.ofSeconds(10));
            Batch<Integer> second = buffer.take(MINUTE).orElseThrow();
            assertThat(second.records()).containsExactly(1);
            assertThat(second.cause()).isEqualTo(Cause.TIME);
            buffer.commit(second);
        }
    }
}
