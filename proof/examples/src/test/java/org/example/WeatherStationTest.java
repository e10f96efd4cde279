package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Disk;
import dev.forebay.journal.JournalSettings;
import dev.forebay.record.Codec;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Triggers, time, failures and power cuts. */
class WeatherStationTest {
    private static List<String> readings(int count) {
        List<String> readings = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            readings.add(i + " hPa");
        }
        return readings;
    }

    @Test
    void readingsLeaveInSixesAndAStormAtOnce(@TempDir Path parent) throws Exception {
        List<String> readings = readings(8);
        readings.add("storm");
        readings.add("10 hPa");
        List<List<String>> uplink = new ArrayList<>();
        long left =
                WeatherStation.send(
                        parent.resolve("station"), readings, batch -> uplink.add(batch.records()));
        assertThat(left).isZero();
        assertThat(uplink)
                .containsExactly(
                        readings.subList(0, 6), readings.subList(6, 9), readings.subList(9, 10));
    }

    @Test
    void anUplinkThatFailsGetsTheSameBatchAgain(@TempDir Path parent) throws Exception {
        List<Long> ids = new ArrayList<>();
        long left =
                WeatherStation.send(
                        parent.resolve("station"),
                        readings(6),
                        batch -> {
                            ids.add(batch.id());
                            if (ids.size() == 1) {
                                throw new IllegalStateException("the uplink is down");
                            }
                        });
        assertThat(left).isZero();
        assertThat(ids).hasSize(2).allMatch(ids.getFirst()::equals);
    }

    // snippet: time
    @Test
    void aLonelyReadingLeavesAfterAMinute() throws Exception {
        ManualClock clock = new ManualClock();
        try (RecordBuffer<String> buffer = WeatherStation.buffer().clock(clock).open()) {
            buffer.add("1013 hPa");
            clock.awaitWaiters(1);
            clock.advance(Duration.ofSeconds(59));
            assertThat(buffer.take(Duration.ZERO)).isEmpty();
            clock.advance(Duration.ofSeconds(1));
            Batch<String> batch = buffer.take(Duration.ofHours(1)).orElseThrow();
            assertThat(batch.records()).containsExactly("1013 hPa");
        }
    }

    // end

    // snippet: buffer
    private static RecordBuffer<String> open(Disk disk) {
        return WeatherStation.buffer()
                .disk(disk)
                .journal(Path.of("/station"))
                .journalSettings(JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8)))
                .codec(Codec.strings())
                .open();
    }

    @Test
    void noAcknowledgedReadingIsLostWhereverThePowerIsCut() throws Exception {
        CrashMatrix.randoms(2)
                .<String>run(
                        (disk, acks) -> {
                            try (RecordBuffer<String> buffer = open(disk)) {
                                for (String reading : readings(8)) {
                                    buffer.add(reading);
                                    acks.add(reading);
                                }
                            }
                        },
                        (disk, acks) -> {
                            List<String> found = new ArrayList<>();
                            try (RecordBuffer<String> buffer = open(disk)) {
                                buffer.flush();
                                for (Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                                        batch.isPresent();
                                        batch = buffer.take(Duration.ZERO)) {
                                    found.addAll(batch.get().records());
                                    buffer.commit(batch.get());
                                }
                            }
                            assertThat(found.stream().limit(acks.size()).toList()).isEqualTo(acks);
                        });
    }
    // end
}
