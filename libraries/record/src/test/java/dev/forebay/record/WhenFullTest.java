package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static dev.forebay.record.RecordBufferTest.numbers;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What becomes of a record that finds no room. */
class WhenFullTest {
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
        for (Duration deadline : List.of(Duration.ofMinutes(1), ChronoUnit.FOREVER.getDuration())) {
            ManualClock clock = new ManualClock();
            RecordBuffer<Integer> buffer =
                    RecordBuffer.<Integer>of(Trigger.atLeast(1))
                            .clock(clock)
                            .capacity(1)
                            .whenFull(WhenFull.block(deadline))
                            .open();
            buffer.add(1);
            FutureTask<Long> add = new FutureTask<>(() -> buffer.add(2));
            Thread.ofVirtual().start(add);
            clock.awaitWaiters(1);
            assertThat(next(buffer)).containsExactly(1);
            assertThat(add.get()).isEqualTo(2);
            assertThat(next(buffer)).containsExactly(2);
        }
    }

    /** What the consumer has taken is never dropped, so nothing else is for what cannot fit. */
    @Test
    void nothingIsDroppedForWhatIsRefusedAllTheSame() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(2))
                        .capacity(3)
                        .whenFull(WhenFull.dropOldest())
                        .open();
        buffer.addAll(numbers(1, 2));
        Batch<Integer> out = buffer.take(Duration.ZERO).orElseThrow();
        buffer.add(3);
        assertThatThrownBy(() -> buffer.addAll(numbers(4, 5))).hasMessageContaining("3 of 3");
        assertThat(buffer.ledger().dropped()).isEmpty();
        buffer.commit(out);
        buffer.flush();
        assertThat(next(buffer)).containsExactly(3);
    }

    @Test
    void anEmptyTransferNeedsNoRoom() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.atLeast(2))
                        .disk(disk)
                        .journal(Path.of("/buffer"))
                        .codec(Codec.strings())
                        .whenFull(WhenFull.dropOldest());
        try (RecordBuffer<String> buffer = builder.open()) {
            buffer.addAll(List.of("1", "2"));
            buffer.addAll(List.of("3", "4"));
        }
        try (RecordBuffer<String> buffer = builder.capacity(3).open()) {
            assertThat(buffer.addAll(List.of()).dropped()).isEqualTo(0);
            assertThat(buffer.ledger().dropped()).isEmpty();
            assertThat(next(buffer)).containsExactly("1", "2");
            assertThat(next(buffer)).containsExactly("3", "4");
        }
    }
}
