package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Cause;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the references state about triggers; docs/records.md says which row each test answers. */
@Timeout(60)
class ReferenceTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final ManualClock clock = new ManualClock();

    private RecordBuffer<Integer> open(Trigger<Integer> trigger) {
        return RecordBuffer.of(trigger).clock(clock).open();
    }

    @Test
    void aControllerIsGivenWhatIsHeldAndTrueReleases() throws Exception {
        List<List<Integer>> given = new ArrayList<>();
        RecordBuffer<Integer> buffer =
                open(
                        Trigger.matchingHeld(held -> {
                            given.add(List.copyOf(held));
                            return held.stream().mapToInt(record -> record).sum() >= 6;
                        }));
        numbers(1, 3).forEach(buffer::add);
        assertThat(next(buffer)).containsExactly(1, 2, 3);
        assertThat(given).containsExactly(List.of(1), List.of(1, 2), List.of(1, 2, 3));
        buffer.add(4);
        assertThat(given).as("the list was emptied").endsWith(List.of(4));
    }

    @Test
    void anyNumberOfControllersIsAskedInTheOrderGivenUntilOneSaysTrue() throws Exception {
        List<String> asked = new ArrayList<>();
        RecordBuffer<Integer> buffer =
                open(
                        Trigger.anyOf(
                                Trigger.moreThan(100),
                                Trigger.matchingHeld(_ -> !asked.add("first")),
                                Trigger.matchingHeld(_ -> asked.add("second")),
                                Trigger.matchingHeld(_ -> asked.add("third"))));
        buffer.add(1);
        assertThat(asked).containsExactly("first", "second");
        assertThat(next(buffer)).containsExactly(1);
    }

    @Test
    void tenRecordsOrAMinuteWhicheverIsFirst() throws Exception {
        try (RecordBuffer<Integer> buffer =
                open(Trigger.anyOf(Trigger.atLeast(10), Trigger.age(MINUTE)))) {
            numbers(1, 10).forEach(buffer::add);
            assertThat(next(buffer)).isEqualTo(numbers(1, 10));
            buffer.add(11);
            clock.advance(MINUTE);
            assertThat(RecordBufferTest.awaited(buffer).records()).containsExactly(11);
        }
    }

    @Test
    void tenRecordsAndAMinuteBothOfThem() throws Exception {
        try (RecordBuffer<Integer> buffer =
                open(Trigger.allOf(Trigger.atLeast(10), Trigger.age(MINUTE)))) {
            numbers(1, 9).forEach(buffer::add);
            clock.advance(MINUTE);
            buffer.addAll(List.of());
            assertThat(next(buffer)).as("a minute and nine").isEmpty();
            buffer.add(10);
            assertThat(next(buffer)).isEqualTo(numbers(1, 10));
            numbers(11, 30).forEach(buffer::add);
            assertThat(next(buffer)).as("twenty and no minute").isEmpty();
            clock.advance(MINUTE);
            buffer.addAll(List.of());
            assertThat(next(buffer)).isEqualTo(numbers(11, 30));
        }
    }

    @Test
    void bytesAreThoseOfTheEncodedFormAndReleaseWhenReached() throws Exception {
        RecordBuffer<String> buffer =
                RecordBuffer.<String>of(Trigger.bytes(10)).codec(Codec.strings()).open();
        buffer.add("caf\u00e9");
        assertThat(buffer.gauges().heldBytes()).isEqualTo(5);
        assertThat(buffer.gauges().held()).isEqualTo(1);
        buffer.add("four");
        assertThat(next(buffer)).isEmpty();
        buffer.add("x");
        Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
        assertThat(batch.records()).containsExactly("caf\u00e9", "four", "x");
        assertThat(batch.cause()).isEqualTo(Cause.BYTES);
        assertThat(batch.bytes()).isEqualTo(10);
        assertThat(buffer.gauges().heldBytes()).isEqualTo(0);
    }

    @Test
    void everyChoiceSaysWhatAnAddHasReached() {
        assertThat(open(Trigger.atLeast(1)).put(1).durability()).isEqualTo(Durability.ACCEPTED);
        for (Durability level : List.of(Durability.WRITTEN, Durability.SYNCED)) {
            RecordBufferBuilder<String> builder =
                    RecordBuffer.<String>of(Trigger.atLeast(1))
                            .disk(new SimulatedDisk())
                            .journal(Path.of("/buffer"))
                            .codec(Codec.strings());
            if (level == Durability.WRITTEN) {
                builder.durability(level); // The other is the default.
            }
            try (RecordBuffer<String> buffer = builder.open()) {
                assertThat(buffer.put("1").durability()).isEqualTo(level);
                assertThat(buffer.durability()).isEqualTo(level);
            }
        }
    }

    @Test
    void thresholdsThatCanNeverBeMetAreSaid() {
        assertThat(RecordBuffer.of(Trigger.anyOf()).warnings().getFirst())
                .contains("can never release");
        assertThat(RecordBuffer.of(Trigger.<Integer>atLeast(1)).warnings()).isEmpty();
    }
}
