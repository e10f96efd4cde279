package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.base.TriggerWatch;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Memory buffers that are broken on purpose: the check of a promise passes on the honest one and
 * fails on its twin. Those of the journal stand in {@link DurableBufferTest} and {@link LossTest}.
 */
class BrokenTwinsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Throws whenever a batch is released. */
    private static final RecordListener BAD =
            new RecordListener() {
                @Override
                public void released(Facts batch) {
                    throw new IllegalStateException("bad listener");
                }
            };

    private static void checkThatAListenerCostsNoBatch(Parts<Integer> parts) throws Exception {
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(2)).parts(parts).listener(BAD).open()) {
            buffer.addAll(List.of(1, 2));
            buffer.addAll(List.of(3, 4));
            assertThat(next(buffer)).as("the batch of a bad listener").containsExactly(1, 2);
            assertThat(next(buffer)).containsExactly(3, 4);
            assertThat(buffer.ledger().committed()).isEqualTo(4);
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    /** Tells the listener first, and keeps the batch only if that goes well. */
    private static final class ListenerFirst extends Parts<Integer> {
        private final List<RuntimeException> thrown = new ArrayList<>();

        @Override
        Outgoing<Integer> outgoing() {
            return new Outgoing<>() {
                @Override
                void offer(Batch<Integer> batch) {
                    try {
                        BAD.released(
                                new RecordListener.Facts(
                                        batch.id(),
                                        batch.first(),
                                        batch.last(),
                                        batch.cause(),
                                        0,
                                        0));
                        super.offer(batch);
                    } catch (RuntimeException e) {
                        thrown.add(e);
                    }
                }
            };
        }
    }

    @Test
    void noListenerCostsABatch() throws Exception {
        checkThatAListenerCostsNoBatch(new Parts<>());
    }

    @Test
    void aTwinWhoseListenerEatsABatchIsCaught() {
        ListenerFirst twin = new ListenerFirst();
        assertThatThrownBy(() -> checkThatAListenerCostsNoBatch(twin))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("the batch of a bad listener");
        assertThat(twin.thrown).hasSize(2);
    }

    /** One record comes, the second a nanosecond before the age is reached. */
    private static void checkThatTheAgeIsThatOfTheFirst(
            Trigger<Integer> trigger, Parts<Integer> parts) throws Exception {
        ManualClock clock = new ManualClock();
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(trigger).clock(clock).parts(parts).open()) {
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
            checkThatTheAgeIsThatOfTheFirst(trigger, new Parts<>());
        }
    }

    /**
     * Starts the clock a second after the first record came, from the beginning, so that the
     * buffer's timer is as late as its watch.
     */
    private static final class LateClock extends Parts<Integer> {
        private static final Duration LATE = Duration.ofSeconds(-1);

        @Override
        Holding<Integer> holding(
                TriggerWatch<Integer> watch, boolean asksLastRelease, boolean measures) {
            return new Holding<>(watch, asksLastRelease, measures) {
                @Override
                boolean note(long size, long answer) {
                    boolean fire = super.note(size, answer);
                    if (watch.count() == 1) {
                        watch.resume(records(), 0, LATE, LATE);
                    }
                    return fire;
                }
            };
        }
    }

    @Test
    void aTwinWhoseAgeClockStartsLateIsCaught() {
        for (Trigger<Integer> trigger : aged()) {
            assertThatThrownBy(() -> checkThatTheAgeIsThatOfTheFirst(trigger, new LateClock()))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("a minute after the first");
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
            Trigger<Integer> trigger,
            Consumer<RecordBuffer<Integer>> departure,
            ManualClock clock,
            Parts<Integer> parts)
            throws Exception {
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(trigger).clock(clock).parts(parts).open()) {
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
                checkThatEveryBatchHasAClockOfItsOwn(
                        trigger, departure, new ManualClock(), new Parts<>());
            }
        }
    }

    /** The second batch begins with a record that takes no lock, right after a release by count. */
    private static void checkThatABatchThatBeginsEasilyHasItsAge(
            ManualClock clock, Parts<Integer> parts) throws Exception {
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.of(Trigger.<Integer>anyOf(Trigger.moreThan(2), Trigger.age(MINUTE)))
                        .clock(clock)
                        .parts(parts)
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
        checkThatABatchThatBeginsEasilyHasItsAge(new ManualClock(), new Parts<>());
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

    @Test
    void aTwinThatDatesEasyRecordsWhenItHearsOfThemIsCaught() {
        Parts<Integer> twin =
                new Parts<>() {
                    @Override
                    Holding<Integer> holding(
                            TriggerWatch<Integer> watch,
                            boolean asksLastRelease,
                            boolean measures) {
                        return new Holding<>(watch, asksLastRelease, measures) {
                            @Override
                            void catchUp(int easily, long came) {
                                watch.caughtUp(easily, watch.reading());
                            }
                        };
                    }
                };
        assertThatThrownBy(() -> checkThatABatchThatBeginsEasilyHasItsAge(new ManualClock(), twin))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a minute after its own first");
    }

    /** Leaves the clock of the first batch to run on for the second. */
    private static final class OneClock extends Parts<Integer> {
        private final ManualClock clock;

        OneClock(ManualClock clock) {
            this.clock = clock;
        }

        @Override
        Holding<Integer> holding(
                TriggerWatch<Integer> watch, boolean asksLastRelease, boolean measures) {
            return new Holding<>(watch, asksLastRelease, measures) {
                private boolean began;
                private long beganAt;

                @Override
                boolean note(long size, long answer) {
                    boolean fire = super.note(size, answer);
                    if (watch.count() == 1 && began) {
                        Duration age = Duration.ofNanos(clock.nanos() - beganAt);
                        watch.resume(records(), 0, age, Duration.ZERO);
                    } else if (!began) {
                        began = true;
                        beganAt = clock.nanos();
                    }
                    return fire;
                }
            };
        }
    }

    @Test
    void aTwinWhoseSecondBatchHasTheClockOfTheFirstIsCaught() {
        for (Trigger<Integer> trigger : aged()) {
            for (Consumer<RecordBuffer<Integer>> departure : departures()) {
                ManualClock clock = new ManualClock();
                assertThatThrownBy(() ->
                                checkThatEveryBatchHasAClockOfItsOwn(
                                        trigger, departure, clock, new OneClock(clock)))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("early by the clock of the first batch");
            }
        }
    }
}
