package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a call said it dropped stays dropped, and is counted, wherever the power is cut. */
class LossTest {
    private static RecordBufferBuilder<String> on(SimulatedDisk disk, WhenFull choice) {
        return RecordBuffer.<String>of(Trigger.atLeast(2))
                .disk(disk)
                .journal(Path.of("/buffer"))
                .journalSettings(DurableBufferTest.SMALL)
                .codec(Codec.strings())
                .capacity(3)
                .whenFull(choice);
    }

    private static CrashMatrix.Work<Map<DropReason, Long>> drops() {
        return (disk, acks) -> {
            try (RecordBuffer<String> buffer = on(disk, WhenFull.dropNewest()).open()) {
                buffer.add("1");
                buffer.reset();
                acks.add(buffer.ledger().dropped());
                buffer.addAll(List.of("2", "3"));
                Thread.interrupted(); // An interrupt ends a take, rightly.
                buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
                acks.add(buffer.ledger().dropped());
                buffer.addAll(List.of("4", "5", "6"));
                assertThat(buffer.add("7")).isEqualTo(0);
                acks.add(buffer.ledger().dropped());
            }
            try (RecordBuffer<String> buffer = on(disk, WhenFull.dropOldest()).open()) {
                buffer.add("8");
                acks.add(buffer.ledger().dropped());
            }
        };
    }

    private static void check(SimulatedDisk disk, List<Map<DropReason, Long>> acks)
            throws Exception {
        Map<DropReason, Long> said = acks.isEmpty() ? Map.of() : acks.getLast();
        try (RecordBuffer<String> buffer = on(disk, WhenFull.reject()).open()) {
            Ledger ledger = buffer.ledger();
            assertThat(ledger.balances()).isTrue();
            said.forEach((reason, count) ->
                    assertThat(ledger.dropped().getOrDefault(reason, 0L))
                            .as("dropped: %s", reason)
                            .isGreaterThanOrEqualTo(count));
            if (said.containsKey(DropReason.DEAD_LETTER)) {
                assertThat(buffer.deadLetters().getFirst().records()).containsExactly("2", "3");
            }
            buffer.flush();
            List<String> left = new ArrayList<>();
            for (List<String> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
                left.addAll(b);
            }
            if (said.containsKey(DropReason.RESET)) {
                assertThat(left).doesNotContain("1");
            }
            if (said.containsKey(DropReason.OLDEST)) {
                assertThat(left).containsExactly("8");
            }
        }
    }

    @Test
    void whatACallDroppedStaysDroppedAndCountedWhereverThePowerIsCut() throws Exception {
        assertThat(CrashMatrix.randoms(2).run(drops(), LossTest::check)).isGreaterThan(100);
    }
}
