package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the reference's file buffer refuses, reorders or loses when it is opened again. */
class ReopeningTest {
    private final SimulatedDisk disk = new SimulatedDisk();
    private final ManualClock clock = new ManualClock();

    private RecordBufferBuilder<String> on(SimulatedDisk where, Trigger<String> trigger) {
        return RecordBuffer.of(trigger)
                .clock(clock)
                .disk(where)
                .journal(Path.of("/buffer"))
                .journalSettings(DurableBufferTest.SMALL)
                .codec(Codec.strings());
    }

    /** The process dies between the record that completes the batch and the batch's note. */
    @Test
    void aFullBatchThatWasNeverNotedIsReleasedByTheOpening() throws Exception {
        RecordBuffer<String> died = on(disk, Trigger.atLeast(100)).open();
        died.addAll(List.of("1", "2", "3"));
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        died.close();
        try (RecordBuffer<String> buffer = on(left, Trigger.atLeast(3)).open()) {
            assertThat(next(buffer)).containsExactly("1", "2", "3");
        }
    }

    @Test
    void batchesThatWereReleasedByBytesAreThereAgain() throws Exception {
        Trigger<String> trigger = Trigger.anyOf(Trigger.atLeast(3), Trigger.bytes(8));
        try (RecordBuffer<String> buffer = on(disk, trigger).open()) {
            buffer.add("12345678");
            buffer.addAll(List.of("a", "b", "c"));
            buffer.add("d");
        }
        try (RecordBuffer<String> buffer = on(disk, trigger).open()) {
            assertThat(next(buffer)).containsExactly("12345678");
            assertThat(next(buffer)).containsExactly("a", "b", "c");
            assertThat(buffer.ledger().held()).isEqualTo(1);
        }
    }

    @Test
    void orderIsThatOfAcceptanceWhenTheClockStandsStillOrGoesBack() throws Exception {
        for (Duration step : List.of(Duration.ZERO, Duration.ofHours(-1))) {
            SimulatedDisk fresh = new SimulatedDisk();
            try (RecordBuffer<String> buffer = on(fresh, Trigger.atLeast(2)).open()) {
                for (int i = 1; i <= 6; i++) {
                    clock.stepWall(step);
                    buffer.add(String.valueOf(i));
                }
            }
            try (RecordBuffer<String> buffer = on(fresh, Trigger.atLeast(2)).open()) {
                assertThat(next(buffer)).containsExactly("1", "2");
                assertThat(next(buffer)).containsExactly("3", "4");
                assertThat(next(buffer)).containsExactly("5", "6");
            }
        }
    }

    @Test
    void aNeighbourOfASimilarNameIsLeftAlone() throws Exception {
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(1)).open();
                RecordBuffer<String> neighbour =
                        on(disk, Trigger.atLeast(1)).journal(Path.of("/buffer.x.journal")).open()) {
            buffer.add("ours");
            neighbour.add("theirs");
            assertThat(next(buffer)).containsExactly("ours");
            assertThat(next(buffer)).isEmpty();
            assertThat(next(neighbour)).containsExactly("theirs");
        }
    }

    @Test
    void aCommitForgetsItsOwnBatchAndNothingThatCameSince() throws Exception {
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(2)).open()) {
            buffer.add("1");
            buffer.flush();
            Batch<String> part = buffer.take(Duration.ZERO).orElseThrow();
            buffer.addAll(List.of("2", "3"));
            buffer.commit(part);
        }
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(2)).open()) {
            assertThat(next(buffer)).containsExactly("2", "3");
            assertThat(buffer.ledger().committed()).isEqualTo(3);
        }
    }

    @Test
    void anOpeningThatFailsLetsTheDirectoryGo() throws Exception {
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(1)).open()) {
            buffer.add("1");
        }
        Codec<String> wrong =
                new Codec<>() {
                    @Override
                    public byte[] encode(String record) {
                        return new byte[0];
                    }

                    @Override
                    public String decode(byte[] bytes) {
                        throw new IllegalStateException("not of this codec");
                    }
                };
        assertThatThrownBy(() -> on(disk, Trigger.atLeast(1)).codec(wrong).open())
                .hasMessage("not of this codec");
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(1)).open()) {
            assertThat(next(buffer)).containsExactly("1");
        }
    }

    @Test
    void theHalvesOfASplitSurviveInTheirPlace() throws Exception {
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(4)).open()) {
            buffer.addAll(List.of("1", "2", "3", "4"));
            buffer.addAll(List.of("5", "6", "7", "8"));
            buffer.split(buffer.take(Duration.ZERO).orElseThrow());
            assertThat(next(buffer)).containsExactly("1", "2");
        }
        try (RecordBuffer<String> buffer = on(disk, Trigger.atLeast(4)).open()) {
            Batch<String> half = buffer.take(Duration.ZERO).orElseThrow();
            assertThat(half.id()).isEqualTo(4);
            assertThat(half.records()).containsExactly("3", "4");
            buffer.commit(half);
            assertThat(next(buffer)).containsExactly("5", "6", "7", "8");
        }
    }

    /** A consumer that asked for it never sees the id of a batch with other records. */
    @Test
    void handOverThatIsSyncedKeepsItsIdAcrossAPowerCutThoughAddsAreOnlyWritten() throws Exception {
        RecordBufferBuilder<String> written =
                on(disk, Trigger.atLeast(2))
                        .durability(Durability.WRITTEN)
                        .handOver(Durability.SYNCED);
        RecordBuffer<String> cut = written.open();
        cut.addAll(List.of("1", "2"));
        Batch<String> seen = cut.take(Duration.ZERO).orElseThrow();
        SimulatedDisk left = disk.crash(Survival.NOTHING);
        cut.close();
        try (RecordBuffer<String> buffer = on(left, Trigger.atLeast(2)).open()) {
            assertThat(buffer.take(Duration.ZERO))
                    .hasValueSatisfying(again -> {
                        assertThat(again.id()).isEqualTo(seen.id());
                        assertThat(again.records()).containsExactly("1", "2");
                    });
        }
    }

    @Test
    void handOverOfAWrittenBufferKeepsItsIdWhenTheProcessDies() throws Exception {
        RecordBuffer<String> died =
                on(disk, Trigger.atLeast(2)).durability(Durability.WRITTEN).open();
        died.addAll(List.of("1", "2"));
        Batch<String> seen = died.take(Duration.ZERO).orElseThrow();
        SimulatedDisk left = disk.kill();
        died.close();
        try (RecordBuffer<String> buffer = on(left, Trigger.atLeast(2)).open()) {
            Batch<String> again = buffer.take(Duration.ZERO).orElseThrow();
            assertThat(again.id()).isEqualTo(seen.id());
            assertThat(again.records()).containsExactly("1", "2");
        }
    }

    @Test
    void handOverBelowTheDurabilityOfItsBufferIsRefused() {
        RecordBufferBuilder<String> builder =
                on(disk, Trigger.atLeast(2)).handOver(Durability.WRITTEN);
        assertThatThrownBy(builder::open)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("handOver(WRITTEN)");
    }
}
