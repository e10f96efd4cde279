package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalSettings;
import dev.forebay.journal.JournalSettings.DamagePolicy;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A buffer whose journal lost its oldest segment counts what was in it. */
class LostSegmentTest {
    private static final Path DIRECTORY = Path.of("/buffer");
    private static final Path OLDEST = DIRECTORY.resolve("0000000000000001.journal");

    /** A frame of one of these records takes 48 bytes behind the header of 4 KiB. */
    private static final long PER_SEGMENT = 85;

    private static RecordBuffer<String> open(Disk disk) {
        return RecordBuffer.<String>of(Trigger.atLeast(1000))
                .disk(disk)
                .journal(DIRECTORY)
                .journalSettings(
                        JournalSettings.defaults()
                                .withSegmentBytes(ByteSize.ofKiB(8))
                                .withOnDamage(DamagePolicy.SET_ASIDE))
                .codec(Codec.strings())
                .open();
    }

    private static SimulatedDisk killedAfter(int records) {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = open(disk)) {
            for (int i = 1; i <= records; i++) {
                buffer.add("%04d".formatted(i));
            }
            return disk.crash(Survival.EVERYTHING);
        }
    }

    private static void damagedIsCounted(SimulatedDisk disk) throws Exception {
        for (int opening = 0; opening < 2; opening++) {
            try (RecordBuffer<String> buffer = open(disk)) {
                Ledger ledger = buffer.ledger();
                long damaged = ledger.dropped().getOrDefault(DropReason.DAMAGED, 0L);
                assertThat(damaged).isEqualTo(PER_SEGMENT);
                assertThat(ledger.accepted()).isEqualTo(700);
                assertThat(ledger.held()).isEqualTo(700 - damaged);
                assertThat(ledger.balances()).isTrue();
                if (opening == 1) {
                    buffer.flush();
                    assertThat(next(buffer).getFirst()).isEqualTo("%04d".formatted(damaged + 1));
                }
            }
        }
    }

    @Test
    void recordsOfADeletedOldestSegmentAreCountedAsDamaged() throws Exception {
        SimulatedDisk disk = killedAfter(700);
        disk.delete(OLDEST);
        damagedIsCounted(disk);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 100, 4095, 4096})
    void recordsOfACutOldestSegmentAreCountedAsDamaged(long size) throws Exception {
        SimulatedDisk disk = killedAfter(700);
        try (DiskFile file = disk.open(OLDEST, Disk.Access.WRITE)) {
            file.truncate(size);
        }
        damagedIsCounted(disk);
    }

    @Test
    void recordsOfAnOldestSegmentWithoutAHeaderAreCountedAsDamaged() throws Exception {
        SimulatedDisk disk = killedAfter(700);
        try (DiskFile file = disk.open(OLDEST, Disk.Access.WRITE)) {
            file.writeFully(ByteBuffer.allocate(4096), 0);
        }
        damagedIsCounted(disk);
    }
}
