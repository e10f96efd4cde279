package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.testkit.Capacity;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the reserve promises: on a full disk there is room for notes, and for nothing else. */
class ReserveTest {
    private static final Path ROOT = Path.of("/journal");
    private static final int SEGMENT = 8192;
    private static final int NOTES = (SEGMENT - Layout.HEADER) / (Layout.FRAME + 8);

    private static Journal open(Disk disk, ByteSize segment) {
        JournalSettings settings =
                JournalTest.SMALL.withSegmentBytes(segment).withSpares(0).withReserve(true);
        return Journal.open(disk, Clock.system(), ROOT, settings);
    }

    /** Four of these fill a segment to its last byte. */
    private static final int QUARTER = (SEGMENT - Layout.HEADER) / 4 - Layout.FRAME;

    /** Appends until the disk is full; the last sequence. */
    private static long fill(Journal journal) {
        while (true) {
            try {
                journal.append(new byte[QUARTER], Durability.WRITTEN);
            } catch (JournalException e) {
                assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
                return journal.next() - 1;
            }
        }
    }

    private static long note(Journal journal) {
        return journal.appendFromReserve(new byte[8], 1, Durability.SYNCED);
    }

    @Test
    void aDiskThatIsFullAtAnyByteHasRoomForAReserveOfNotesAndForNothingElse() {
        LongStream.rangeClosed(2 * SEGMENT, 3 * SEGMENT)
                .parallel()
                .forEach(ReserveTest::fullDiskHasRoomForNotesOnly);
    }

    private static void fullDiskHasRoomForNotesOnly(long bytes) {
        SimulatedDisk disk = new SimulatedDisk();
        Capacity capacity = new Capacity(disk, ROOT, bytes);
        disk.faults(capacity);
        try (Journal journal = open(disk, ByteSize.of(SEGMENT))) {
            long last = fill(journal);
            for (int i = 1; i <= NOTES; i++) {
                assertThat(note(journal)).as("bytes %d", bytes).isEqualTo(last + i);
            }
            assertThat(fill(journal)).isEqualTo(last + NOTES);
            capacity.lift();
            assertThat(journal.append(new byte[QUARTER])).isEqualTo(last + NOTES + 1);
        }
    }

    /** What a note made room for is the reserve first, and for other frames then. */
    @Test
    void trimmingGivesTheReserveBackBeforeOtherFramesHaveRoom() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(new Capacity(disk, ROOT, 4 * SEGMENT + Checkpoint.BYTES));
        try (Journal journal = open(disk, ByteSize.of(SEGMENT))) {
            long last = fill(journal);
            assertThat(last).isEqualTo(12);
            for (long i = last + 1; i <= last + NOTES; i++) {
                assertThat(note(journal)).isEqualTo(i);
            }
            assertThatThrownBy(() -> note(journal)).hasMessageContaining("no room");
            assertThat(journal.frees(4)).isFalse();
            assertThat(journal.frees(5)).isTrue();
            journal.trim(5);
            assertThat(journal.frees(5)).isFalse();
            note(journal);
            assertThat(fill(journal)).isEqualTo(last + NOTES + 1);
            journal.trim(9);
            assertThat(fill(journal)).isGreaterThan(last + NOTES + 1);
            note(journal);
        }
    }

    /** A restart costs it a header of 4 KiB and no more. */
    @Test
    void theReserveOutlivesRestartsOnADiskThatStaysFull() throws Exception {
        for (Survival survival : new Survival[] {Survival.NOTHING, Survival.EVERYTHING}) {
            SimulatedDisk disk = new SimulatedDisk();
            long bytes = 4L * 4 * SEGMENT + Checkpoint.BYTES;
            disk.faults(new Capacity(disk, ROOT, bytes));
            long last = 0;
            for (int restart = 0; restart < 6; restart++) {
                SimulatedDisk left;
                try (Journal journal = open(disk, ByteSize.of(4 * SEGMENT))) {
                    assertThat(journal.recovery().damage()).isEmpty();
                    assertThat(journal.next()).isGreaterThan(last);
                    long before = journal.next();
                    fill(journal);
                    assertThat(restart > 0 && journal.next() > before).isFalse();
                    last = note(journal);
                    left = disk.crash(survival);
                }
                disk = restart % 3 == 0 ? disk : left;
                disk.faults(new Capacity(disk, ROOT, bytes));
            }
        }
    }

    @Test
    void withoutAReserveSuchANoteIsAFrameAsAnyOther() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(new Capacity(disk, ROOT, 4 * SEGMENT + Checkpoint.BYTES));
        try (Journal journal =
                Journal.open(disk, Clock.system(), ROOT, JournalTest.SMALL.withSpares(0))) {
            assertThat(fill(journal)).isEqualTo(16);
            int notes = 0;
            try {
                while (notes <= NOTES) {
                    note(journal);
                    notes++;
                }
            } catch (JournalException e) {
                assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
            }
            assertThat(notes).isLessThan(NOTES);
        }
    }

    /** Room that is freed while an attempt to make a segment fails is found by the next one. */
    @Test
    @Timeout(60)
    void anAttemptThatBeganBeforeThereWasRoomIsNotTheLastWord() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Capacity capacity = new Capacity(disk, ROOT, 4 * SEGMENT + Checkpoint.BYTES);
        AtomicBoolean holds = new AtomicBoolean();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        disk.faults(call -> {
            try {
                return capacity.allow(call);
            } catch (IOException e) {
                if (holds.getAndSet(false)) {
                    held.countDown();
                    awaits(goOn);
                }
                throw e;
            }
        });
        try (Journal journal = open(disk, ByteSize.of(SEGMENT))) {
            long last = fill(journal);
            holds.set(true);
            FutureTask<Long> refused = new FutureTask<>(() -> journal.append(new byte[QUARTER]));
            Thread.ofPlatform().start(refused);
            held.await();
            capacity.lift();
            FutureTask<Long> append = new FutureTask<>(() -> journal.append(new byte[QUARTER]));
            Thread after = Thread.ofPlatform().start(append);
            while (after.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            goOn.countDown();
            assertThat(append.get()).isEqualTo(last + 1);
            assertThatThrownBy(refused::get).hasMessageContaining("no room");
        }
    }

    private static void awaits(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
