package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import dev.forebay.journal.JournalSettings;
import dev.forebay.testkit.Capacity;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A disk that is full of the buffer's own backlog: what makes room, the commit, needs room itself.
 */
class FullDiskTest {
    private static final Path DIRECTORY = Path.of("/buffer");
    private static final int SEGMENT = 8192;

    private static RecordBufferBuilder<String> on(SimulatedDisk disk, int threshold) {
        return RecordBuffer.<String>of(Trigger.atLeast(threshold))
                .disk(disk)
                .journal(DIRECTORY)
                .journalSettings(
                        JournalSettings.defaults()
                                .withSegmentBytes(ByteSize.of(SEGMENT))
                                .withSpares(0))
                .codec(Codec.strings());
    }

    private static String record(long sequence) {
        return "%04d %s".formatted(sequence, "x".repeat(200));
    }

    /** Adds until the disk refuses; the last number that was taken. */
    private static int fill(RecordBuffer<String> buffer, int last) {
        int added = last;
        try {
            while (true) {
                buffer.add(record(added + 1));
                added++;
            }
        } catch (JournalException e) {
            assertThat(e.fault()).isEqualTo(JournalException.Fault.NO_SPACE);
        }
        assertThat(buffer.ledger().accepted()).isEqualTo(added);
        assertThat(buffer.ledger().balances()).isTrue();
        return added;
    }

    private static List<String> records(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(FullDiskTest::record).toList();
    }

    /** Takes and commits everything there is, on the disk as it is. */
    private static List<String> drained(RecordBuffer<String> buffer) throws Exception {
        buffer.flush();
        List<String> all = new ArrayList<>();
        for (List<String> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
            all.addAll(b);
        }
        return all;
    }

    /** Three times over, because what is drained is room, and what is full is full again. */
    private static void fillAndDrain(SimulatedDisk disk, int threshold) throws Exception {
        try (RecordBuffer<String> buffer = on(disk, threshold).open()) {
            int drained = 0;
            for (int round = 0; round < 3; round++) {
                int added = fill(buffer, drained);
                assertThat(added).as("there was room in round " + round).isGreaterThan(drained);
                assertThat(drained(buffer)).isEqualTo(records(drained + 1, added));
                drained = added;
            }
            assertThat(buffer.ledger().held()).isEqualTo(0);
            assertThat(buffer.ledger().committed()).isEqualTo(drained);
        }
    }

    @Test
    void aBacklogThatFillsTheDiskAtAnyByteIsHandedOutAndGivesItsRoomBack() throws Exception {
        for (long bytes = 3 * SEGMENT + 60; bytes <= 4 * SEGMENT + 60; bytes += 3) {
            SimulatedDisk disk = new SimulatedDisk();
            disk.faults(new Capacity(disk, DIRECTORY, bytes));
            fillAndDrain(disk, 3);
        }
    }

    /** One batch for each record is the most notes there can be; one for all is the latest. */
    @Test
    void soItIsWithBatchesOfOneAndWithOneOfAll() throws Exception {
        for (int threshold : new int[] {1, 10_000}) {
            for (int segments = 3; segments <= 12; segments++) {
                SimulatedDisk disk = new SimulatedDisk();
                disk.faults(new Capacity(disk, DIRECTORY, segments * (long) SEGMENT + 60));
                fillAndDrain(disk, threshold);
            }
        }
    }

    @Test
    void theBacklogOfAFullDiskIsHandedOutByTheNextProcessToo() throws Exception {
        for (Survival survival : new Survival[] {Survival.NOTHING, Survival.EVERYTHING}) {
            for (long bytes = 3 * SEGMENT + 60; bytes <= 4 * SEGMENT + 60; bytes += 61) {
                SimulatedDisk disk = new SimulatedDisk();
                disk.faults(new Capacity(disk, DIRECTORY, bytes));
                int added;
                SimulatedDisk died;
                try (RecordBuffer<String> buffer = on(disk, 3).open()) {
                    added = fill(buffer, 0);
                    buffer.commit(buffer.take(Duration.ZERO).orElseThrow());
                    died = disk.crash(survival);
                }
                for (SimulatedDisk left : new SimulatedDisk[] {died, disk}) {
                    left.faults(new Capacity(left, DIRECTORY, bytes));
                    try (RecordBuffer<String> buffer = on(left, 3).open()) {
                        assertThat(drained(buffer)).isEqualTo(records(4, added));
                        assertThat(fill(buffer, added)).isGreaterThan(added);
                    }
                }
            }
        }
    }

    /** A letter in front of everything must not keep everything behind it. */
    @Test
    void aDeadLetterIsCarriedOnAndDoesNotFillTheDisk() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(new Capacity(disk, DIRECTORY, 5 * SEGMENT + 60));
        int last = 0;
        for (int run = 0; run < 4; run++) {
            try (RecordBuffer<String> buffer = on(disk, 3).open()) {
                if (run == 0) {
                    last = fill(buffer, 0);
                    buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
                    assertThat(drained(buffer)).isEqualTo(records(4, last));
                }
                for (int round = 0; round < 5; round++) {
                    int added = fill(buffer, last);
                    assertThat(added).isGreaterThan(last);
                    assertThat(drained(buffer)).isEqualTo(records(last + 1, added));
                    last = added;
                }
                DeadLetter<String> letter = buffer.deadLetters().getFirst();
                assertThat(letter).isEqualTo(new DeadLetter<>(1, 1, "bad data", records(1, 3)));
                assertThat(buffer.ledger().dropped()).containsEntry(DropReason.DEAD_LETTER, 3L);
                if (run == 3) {
                    buffer.replay(letter);
                    assertThat(drained(buffer)).isEqualTo(records(1, 3));
                }
            }
        }
        try (RecordBuffer<String> buffer = on(disk, 3).open()) {
            assertThat(buffer.deadLetters()).isEmpty();
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }
}
