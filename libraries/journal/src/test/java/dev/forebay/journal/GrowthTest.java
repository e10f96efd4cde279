package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much disk a journal takes, and how much work an opening is. */
class GrowthTest {
    private static final Path ROOT = Path.of("/journal");

    private static Journal open(Disk disk, JournalSettings settings) {
        return Journal.open(disk, Clock.system(), ROOT, settings);
    }

    private static long bytes(Disk disk) throws IOException {
        long sum = 0;
        for (Path path : disk.list(ROOT)) {
            sum += disk.stat(path).orElseThrow().size();
        }
        return sum;
    }

    /** How many segments have their names. */
    static long segments(Disk disk) {
        try {
            return disk.list(ROOT).stream()
                    .filter(path -> path.toString().endsWith(".journal"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The most that the disk holds, with the segments that are made ready in the background. */
    private static long mostBytes(JournalSettings settings, int lines) throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        long most = 0;
        for (int opening = 0; opening < 5; opening++) {
            try (Journal journal = open(disk, settings)) {
                for (int i = 0; i < lines / 5; i++) {
                    journal.append(new byte[100]);
                }
                // The segment that is made ready counts too.
                JournalTest.until(
                        "a segment is ready", () -> segments(disk) > journal.segmentCount());
                most = Math.max(most, bytes(disk));
            }
        }
        return most;
    }

    @Test
    void aJournalOfAFewLinesTakesAsMuchDiskAsItSays() throws Exception {
        long small = ByteSize.ofKiB(1280).bytes() + ByteSize.ofKiB(64).bytes();
        assertThat(mostBytes(JournalSettings.defaults(), 0)).isLessThan(small);
        long spares = ByteSize.ofMiB(6).bytes(); // Ready segments of earlier openings.
        assertThat(mostBytes(JournalSettings.defaults(), 200)).isLessThan(small + spares);
    }

    @Test
    void segmentsGrowToTheSizeOfTheSettingsUnderTraffic() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings = JournalSettings.defaults().withSegmentBytes(ByteSize.ofMiB(8));
        try (Journal journal = open(disk, settings)) {
            for (int i = 0; i < 40; i++) {
                journal.append(new byte[1 << 20], Durability.WRITTEN);
            }
            long largest = 0;
            for (Path path : disk.list(ROOT)) {
                largest = Math.max(largest, disk.stat(path).orElseThrow().size());
            }
            assertThat(largest).isEqualTo(settings.segmentBytes().bytes());
            assertThat(journal.segmentCount()).isBetween(6, 10);
            assertThat(JournalTest.read(journal)).hasSize(40);
        }
    }

    /** To cut such a file would make the opening wait until its blocks are free. */
    @Test
    void openingBeginsWithLargeSpareAsItIs() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings = JournalSettings.defaults().withSegmentBytes(ByteSize.ofMiB(8));
        // Only what is ready at the end becomes a spare.
        try (Journal journal = open(disk, settings.withSpares(0))) {
            for (int i = 0; i < 60; i++) {
                journal.append(new byte[1 << 20], Durability.WRITTEN);
            }
            journal.trim(journal.next());
        }
        Thread opening = Thread.currentThread();
        List<DiskCall> cuts = new ArrayList<>();
        disk.faults(call -> {
            boolean own = Thread.currentThread().equals(opening);
            if (own && call.kind() == DiskCall.Kind.TRUNCATE) {
                cuts.add(call);
            }
            return call.length();
        });
        try (Journal journal = open(disk, settings)) {
            journal.append(new byte[100]);
            disk.faults(Faults.NONE);
            assertThat(cuts)
                    .extracting(DiskCall::position)
                    .as("the file of 8 MiB stays so")
                    .containsExactly(settings.segmentBytes().bytes());
        }
        try (Journal journal = open(disk, settings.withSegmentBytes(ByteSize.ofKiB(64)))) {
            journal.append(new byte[100]);
            assertThat(journal.recovery().damage()).isEmpty();
        }
    }

    /** A journal that is opened often, as by a command, makes, cuts and removes no file then. */
    @Test
    void openingThatIsUsedForReadingOnlyLeavesNothingForTheNext() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings = JournalSettings.defaults();
        try (Journal journal = open(disk, settings)) {
            journal.append(new byte[100]);
        }
        readOnce(disk, settings);
        readOnce(disk, settings);
        List<DiskCall> changes = Collections.synchronizedList(new ArrayList<>());
        disk.faults(call -> {
            boolean changed =
                    switch (call.kind()) {
                        case CREATE, DELETE -> true;
                        case TRUNCATE ->
                                disk.stat(call.path()).map(Disk.Entry::size).orElse(-1L)
                                        != call.position();
                        default -> false;
                    };
            if (changed) {
                changes.add(call);
            }
            return call.length();
        });
        readOnce(disk, settings);
        disk.faults(Faults.NONE);
        assertThat(changes).isEmpty();
        assertThat(segments(disk)).as("segments of a closed journal").isEqualTo(1);
    }

    private static void readOnce(SimulatedDisk disk, JournalSettings settings) throws Exception {
        try (Journal journal = open(disk, settings)) {
            JournalTest.until("a segment is ready", () -> segments(disk) > journal.segmentCount());
            assertThat(JournalTest.read(journal)).hasSize(1);
        }
    }

    /** The segments that are ready when a journal is closed are full of old frames here. */
    @Test
    void openingAfterACloseReadsNoFileWithoutFrames() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings = JournalSettings.defaults().withSegmentBytes(ByteSize.ofMiB(8));
        try (Journal journal = open(disk, settings)) {
            for (int i = 0; i < 60; i++) {
                journal.append(new byte[1 << 20], Durability.WRITTEN);
                journal.trim(journal.next());
            }
            journal.append(new byte[100]);
            JournalTest.until("a segment is ready", () -> segments(disk) > journal.segmentCount());
        }
        long[] read = new long[1];
        disk.faults(call -> {
            boolean segment = call.path().toString().endsWith(".journal");
            if (segment && call.kind() == DiskCall.Kind.READ) {
                read[0] += call.length();
            }
            return call.length();
        });
        try (Journal journal = open(disk, settings)) {
            disk.faults(Faults.NONE);
            assertThat(JournalTest.read(journal)).hasSize(1);
            assertThat(read[0])
                    .as("bytes that the opening read: the last segment at most")
                    .isLessThan(settings.segmentBytes().bytes());
        }
    }

    @Test
    void anAppendLargerThanTheFirstSegmentsFitsAtOnce() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk, JournalSettings.defaults())) {
            journal.append(new byte[5 << 20]);
            journal.append(new byte[10]);
        }
        try (Journal journal = open(disk, JournalSettings.defaults())) {
            assertThat(journal.recovery().damage()).isEmpty();
            assertThat(JournalTest.read(journal)).hasSize(2);
        }
    }

    /** How many calls of the disk an opening is, over {@code segments} full segments. */
    private static long opening(int segments) {
        SimulatedDisk disk = new SimulatedDisk();
        JournalSettings settings = JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8));
        Journal journal = open(disk, settings);
        for (int i = 0; i < segments; i++) {
            journal.append(Collections.nCopies(10, new byte[350]), 0, Durability.WRITTEN);
        }
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        journal.close();
        long before = left.calls();
        open(left, settings).close();
        return left.calls() - before;
    }

    @Test
    void anOpeningIsLinearInTheSegmentsThatAreKept() {
        opening(10);
        long small = opening(50);
        long large = opening(400);
        // Eight times as many, with what threads beside it do; the square would be sixty-four.
        assertThat(large).isLessThan(16 * small);
    }
}
