package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.testkit.Capacity;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A disk that fills up, at every byte at which it can. */
class FullDiskTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SETTINGS =
            JournalTest.SMALL.withReadyAhead(1).withSpares(2);
    private static final int SEGMENT = 8192;
    private static final int PER_SEGMENT = 3;
    private static final int FRAMES = 3 * PER_SEGMENT;

    private static Journal open(Disk disk) {
        return Journal.open(disk, Clock.system(), ROOT, SETTINGS);
    }

    private static byte[] payload(long sequence) {
        return JournalTest.bytes(("frame " + sequence + " ").repeat(150).substring(0, 1000));
    }

    private static Durability level(long sequence) {
        return sequence % 2 == 0 ? Durability.SYNCED : Durability.WRITTEN;
    }

    /** Appends until the disk is full or {@code most} frames are there; says how many are. */
    private static long fill(Journal journal, long most) {
        long last = journal.next() - 1;
        try {
            while (last < most) {
                last = journal.append(payload(last + 1), level(last + 1));
            }
        } catch (JournalException e) {
            assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
        }
        return last;
    }

    private static void holds(Journal journal, long last) {
        assertThat(journal.next()).isEqualTo(last + 1);
        try (JournalReader reader = journal.read(journal.first())) {
            for (long i = journal.first(); i <= last; i++) {
                assertThat(reader.next())
                        .isInstanceOfSatisfying(
                                Frame.class,
                                frame ->
                                        assertThat(frame.payload())
                                                .isEqualTo(payload(frame.sequence())));
            }
        }
    }

    /**
     * Nothing acknowledged is lost, whatever the capacity, and there is no word of a full disk but
     * the typed one. Once there is room, appending goes on where it stopped.
     *
     * @return how many frames fitted, or -1 if the journal could not be made
     */
    private static long live(long bytes) {
        SimulatedDisk disk = new SimulatedDisk();
        Capacity capacity = new Capacity(disk, ROOT, bytes);
        disk.faults(capacity);
        long last = -1;
        try (Journal journal = open(disk)) {
            last = fill(journal, FRAMES);
            holds(journal, last);
            capacity.lift();
            assertThat(journal.append(payload(last + 1))).isEqualTo(last + 1);
        } catch (JournalException e) {
            assertThat(last).isEqualTo(-1);
            assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
            capacity.lift();
        }
        try (Journal journal = open(disk)) {
            holds(journal, last + 1);
        }
        return last;
    }

    @Test
    void aFullDiskIsMetAtEveryByteAsATypedErrorAndNothingIsLost() {
        long[] fitted =
                LongStream.rangeClosed(0, 3 * SEGMENT + Checkpoint.BYTES)
                        .parallel()
                        .map(FullDiskTest::live)
                        .toArray();
        assertThat(fitted).isSorted().endsWith(FRAMES);
    }

    /** The power fails, or the process dies, while the disk is full; and it stays full. */
    @Test
    void journalOnDiskThatStaysFullOpensAndMakesRoomByTrimming() throws IOException {
        for (long bytes = SEGMENT; bytes <= 5 * SEGMENT; bytes += 61) {
            SimulatedDisk disk = new SimulatedDisk();
            disk.faults(new Capacity(disk, ROOT, bytes));
            SimulatedDisk cut;
            SimulatedDisk died;
            long last;
            try (Journal journal = open(disk)) {
                last = fill(journal, 100);
                cut = disk.crash(Survival.NOTHING);
                died = disk.crash(Survival.EVERYTHING);
            } catch (JournalException e) {
                assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
                continue; // Not even the first segment fits.
            }
            cut.faults(new Capacity(cut, ROOT, bytes));
            try (Journal journal = reopened(cut)) {
                assertThat(journal.next()).isGreaterThan(last - last % 2);
                holds(journal, journal.next() - 1);
            }
            for (SimulatedDisk full : new SimulatedDisk[] {died, disk}) {
                full.faults(new Capacity(full, ROOT, bytes));
                goOnByTrimming(full, last);
            }
        }
    }

    private static Journal reopened(SimulatedDisk full) {
        try {
            return open(full);
        } catch (JournalException e) {
            throw new AssertionError("a journal with frames must open on a full disk", e);
        }
    }

    private static void goOnByTrimming(SimulatedDisk disk, long last) {
        try (Journal journal = reopened(disk)) {
            holds(journal, last);
            long more = fill(journal, 100);
            int segments = journal.segmentCount();
            journal.trim(more + 1);
            if (segments - journal.segmentCount() < 2) {
                return; // One may have been cut when it was closed, and falls short of a whole one.
            }
            assertThat(journal.append(payload(more + 1))).isEqualTo(more + 1);
            holds(journal, more + 1);
        }
        try (Journal journal = open(disk)) {
            assertThat(journal.recovery().damage()).isEmpty();
            assertThat(journal.first()).isGreaterThan(last);
        }
    }

    @Test
    void theWordOfAFullDiskSaysWhatToDo() {
        SimulatedDisk disk = new SimulatedDisk();
        Capacity capacity = new Capacity(disk, ROOT, 2 * SEGMENT + 100);
        disk.faults(capacity);
        try (Journal journal = open(disk)) {
            long last = fill(journal, 100);
            assertThatThrownBy(() -> journal.append(payload(last + 1)))
                    .isInstanceOfSatisfying(
                            JournalException.class, e -> assertThat(e.mayRetry()).isTrue())
                    .hasMessageContaining("free some, trim the journal");
        }
    }
}
