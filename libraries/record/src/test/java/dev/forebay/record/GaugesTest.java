package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be asked of a buffer: waits for syncs, batches that are stuck, what opening found. */
class GaugesTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final ManualClock clock = new ManualClock();

    private RecordBufferBuilder<String> on(SimulatedDisk disk) {
        return RecordBuffer.<String>of(Trigger.atLeast(2))
                .clock(clock)
                .disk(disk)
                .journal(Path.of("/buffer"))
                .journalSettings(DurableBufferTest.SMALL)
                .codec(Codec.strings())
                .stuckAfter(MINUTE);
    }

    @Test
    void waitsAreCountedInBucketsOfPowersOfTwo() {
        WaitHistogram waits = new WaitHistogram();
        assertThat(waits.times())
                .isEqualTo(new SyncTimes(0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        for (long nanos = 1; nanos <= 100; nanos++) {
            waits.note(nanos);
        }
        waits.note(0);
        waits.note(5_000);
        assertThat(waits.times())
                .isEqualTo(
                        new SyncTimes(
                                102,
                                Duration.ofNanos(64),
                                Duration.ofNanos(128),
                                Duration.ofNanos(8_192)));
    }

    @Test
    void everyCallThatWaitsForASyncIsMeasuredAndTold() throws Exception {
        int[] told = new int[1];
        RecordListener listener =
                new RecordListener() {
                    @Override
                    public void synced(Duration wait) {
                        told[0]++;
                    }
                };
        try (RecordBuffer<String> buffer = on(new SimulatedDisk()).listener(listener).open()) {
            buffer.addAll(List.of("1", "2"));
            buffer.commit(buffer.take(Duration.ZERO).orElseThrow());
            assertThat(buffer.gauges().syncs().count()).isEqualTo(3);
            assertThat(told[0]).isEqualTo(3);
        }
    }

    @Test
    void aBatchThatIsStuckStaysSoAcrossAReopening() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = on(disk).open()) {
            buffer.addAll(List.of("1", "2"));
            clock.advance(MINUTE);
            assertThat(buffer.gauges().stuck()).isFalse();
        }
        clock.advance(Duration.ofSeconds(1));
        try (RecordBuffer<String> buffer = on(disk).open()) {
            assertThat(buffer.gauges().stuck()).isTrue();
            assertThat(buffer.gauges().oldestRelease()).isEqualTo(MINUTE.plusSeconds(1));
            buffer.commit(buffer.take(Duration.ZERO).orElseThrow());
            assertThat(buffer.gauges().stuck()).isFalse();
            assertThat(buffer.gauges().oldestRelease()).isEqualTo(Duration.ZERO);
        }
    }

    @Test
    void whatTheOpeningFoundCanBeAsked() {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBuffer<String> died = on(disk).open();
        died.addAll(List.of("1", "2", "3"));
        died.add("4");
        died.add("5");
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        died.close();
        try (RecordBuffer<String> buffer = on(left).open()) {
            Reopening found = buffer.reopening().orElseThrow();
            assertThat(found.records()).isEqualTo(5);
            assertThat(found.batches()).isEqualTo(2);
            assertThat(found.took()).isEqualTo(Duration.ZERO);
            assertThat(found.scannedBytes()).isPositive();
            assertThat(found.torn()).isFalse();
        }
        assertThat(RecordBuffer.<String>of(Trigger.atLeast(1)).open().reopening()).isEmpty();
    }

    @Test
    void aTornEndIsSaid() {
        boolean torn = false;
        for (int seed = 0; seed < 40 && !torn; seed++) {
            SimulatedDisk disk = new SimulatedDisk();
            RecordBuffer<String> died = on(disk).durability(Durability.WRITTEN).open();
            for (int i = 0; i < 40; i++) {
                died.add("x".repeat(300));
            }
            SimulatedDisk left = disk.crash(Survival.random(seed));
            died.close();
            try (RecordBuffer<String> buffer = on(left).open()) {
                Reopening found = buffer.reopening().orElseThrow();
                torn = found.torn() && found.tornFrames() > 0;
                assertThat(buffer.ledger().balances()).isTrue();
            }
        }
        assertThat(torn).isTrue();
    }
}
