package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.PoisonedException;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import dev.forebay.journal.JournalSettings;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Full disks, failing syncs and flipped bits under a buffer on a journal. */
class BadDaysTest {
    private static final Path DIRECTORY = Path.of("/buffer");

    private static RecordBufferBuilder<String> on(SimulatedDisk disk) {
        return RecordBuffer.<String>of(Trigger.atLeast(3))
                .disk(disk)
                .journal(DIRECTORY)
                .journalSettings(
                        JournalSettings.defaults()
                                .withSegmentBytes(ByteSize.ofKiB(8))
                                .withReadyAhead(1)
                                .withSpares(0))
                .codec(Codec.strings());
    }

    private static String record(long sequence) {
        return "%04d %s".formatted(sequence, "x".repeat(200));
    }

    /** Takes and commits everything; the numbers of the records, in order. */
    private static List<Long> drained(RecordBuffer<String> buffer) throws Exception {
        buffer.flush();
        List<Long> numbers = new ArrayList<>();
        for (List<String> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
            for (String record : b) {
                long number = Long.parseLong(record.substring(0, 4));
                assertThat(record(number)).startsWith(record);
                numbers.add(number);
            }
        }
        return numbers;
    }

    @Test
    void aFullDiskRefusesAddsLosesNothingAndIsForgottenOnceThereIsRoom() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = on(disk).open()) {
            disk.faults(Faults.fullAfter(0));
            long added = 0;
            JournalException full = null;
            while (full == null) {
                try {
                    added = buffer.add(record(added + 1));
                } catch (JournalException e) {
                    full = e;
                }
            }
            assertThat(full.fault()).isEqualTo(JournalException.Fault.NO_SPACE);
            assertThat(full.mayRetry()).isTrue();
            assertThat(buffer.ledger().accepted()).isEqualTo(added);
            assertThat(buffer.ledger().balances()).isTrue();
            disk.faults(Faults.NONE);
            assertThat(buffer.add(record(added + 1))).isEqualTo(added + 1);
            assertThat(drained(buffer)).hasSize((int) added + 1).isSorted();
            assertThat(buffer.ledger().committed()).isEqualTo(added + 1);
        }
    }

    /** Even the reserve may be full: then the batch stays out, and can be committed later. */
    @Test
    void aCommitThatFindsNoRoomAtAllKeepsTheBatchAndCanBeMadeAgain() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = FullJournal.on(disk).open()) {
            FullJournal.fill(buffer, disk);
            long held = buffer.ledger().held();
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> buffer.commit(batch))
                        .isInstanceOfSatisfying(
                                JournalException.class,
                                e ->
                                        assertThat(e.fault())
                                                .isEqualTo(JournalException.Fault.NO_SPACE));
                assertThat(buffer.ledger().held()).isEqualTo(held);
                assertThat(buffer.ledger().balances()).isTrue();
            }
            disk.faults(Faults.NONE);
            buffer.commit(batch);
            assertThat(buffer.ledger().committed()).isEqualTo(1);
        }
    }

    @Test
    void aReleaseThatCannotBeNotedStaysHeldAndIsSaid() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = FullJournal.on(disk).open()) {
            FullJournal.fill(buffer, disk);
            long held = buffer.ledger().held();
            assertThatThrownBy(buffer::flush).hasMessageContaining("stays held");
            assertThat(buffer.ledger().held()).isEqualTo(held);
            disk.faults(Faults.NONE);
            buffer.flush();
            long taken = 0;
            while (!next(buffer).isEmpty()) {
                taken++;
            }
            assertThat(taken).isEqualTo(held);
        }
    }

    @Test
    void aFailedSyncPoisonsUntilReopeningAndNothingAcknowledgedIsLost() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBuffer<String> buffer = on(disk).open();
        buffer.add(record(1));
        buffer.add(record(2));
        disk.faults(Faults.failNth(1, BadDaysTest::forcesTheFirstSegment));
        assertThatThrownBy(() -> buffer.add(record(3))).isInstanceOf(PoisonedException.class);
        assertThatThrownBy(() -> buffer.add(record(4))).isInstanceOf(PoisonedException.class);
        assertThatThrownBy(() -> buffer.take(Duration.ZERO)).isInstanceOf(PoisonedException.class);
        assertThatThrownBy(buffer::close).isInstanceOf(PoisonedException.class);
        SimulatedDisk left = disk.crash(Survival.NOTHING);
        try (RecordBuffer<String> again = on(disk).open()) {
            assertThat(drained(again)).startsWith(1L, 2L).isSubsetOf(1L, 2L, 3L);
        }
        try (RecordBuffer<String> again = on(left).open()) {
            assertThat(drained(again)).startsWith(1L, 2L).isSubsetOf(1L, 2L, 3L);
        }
    }

    /** Under either name its file was opened with. */
    private static boolean forcesTheFirstSegment(DiskCall call) {
        return call.kind() == DiskCall.Kind.SYNC
                && (call.path().endsWith("spare-1")
                        || call.path().endsWith("0000000000000001.journal"));
    }

    /** Ten records, two batches committed, one out; left by a process that died. */
    private static SimulatedDisk died() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBuffer<String> buffer = on(disk).open();
        for (int i = 1; i <= 10; i++) {
            buffer.add(record(i));
            if (i == 3 || i == 6) {
                next(buffer);
            }
        }
        buffer.take(Duration.ZERO);
        SimulatedDisk left = disk.crash(Survival.EVERYTHING);
        buffer.close();
        return left;
    }

    /**
     * A flip costs at most what was noted last, since that looks like a torn end; in front of it,
     * the opening is refused with nothing changed. Nothing wrong is ever handed out.
     */
    @Test
    void noFlippedBitHandsOutAWrongRecordOrLosesAnOldOne() throws Exception {
        SimulatedDisk whole = died();
        Path segment = DIRECTORY.resolve("%016d.journal".formatted(1));
        byte[] bytes = content(whole, segment);
        Random random = new Random(11);
        int refused = 0;
        for (int i = 0; i < bytes.length; i += 1 + random.nextInt(3)) {
            SimulatedDisk disk = whole.crash(Survival.EVERYTHING);
            flip(disk, segment, i, bytes[i], 1 << random.nextInt(8));
            Optional<List<Long>> seen = reopened(disk);
            if (seen.isPresent()) {
                assertThat(seen.get()).as("byte %d", i).startsWith(7L, 8L, 9L).isSorted();
                assertThat(seen.get()).isSubsetOf(7L, 8L, 9L, 10L);
            } else {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(100);
    }

    /** By choice damage does not stop the buffer: what is lost is counted, the rest comes out. */
    @Test
    void framesThatWereSetAsideAreCountedAndTheRestIsHandedOutOnce() throws Exception {
        SimulatedDisk whole = died();
        Path segment = DIRECTORY.resolve("%016d.journal".formatted(1));
        byte[] bytes = content(whole, segment);
        Random random = new Random(12);
        long lost = 0;
        for (int i = 0; i < bytes.length; i += 1 + random.nextInt(3)) {
            SimulatedDisk disk = whole.crash(Survival.EVERYTHING);
            flip(disk, segment, i, bytes[i], 1 << random.nextInt(8));
            try (RecordBuffer<String> buffer = aside(disk).open()) {
                long frames = buffer.reopening().orElseThrow().lostFrames();
                Ledger ledger = buffer.ledger();
                assertThat(ledger.balances()).as("byte %d: %s", i, ledger).isTrue();
                long damaged = ledger.dropped().getOrDefault(DropReason.DAMAGED, 0L);
                assertThat(damaged).isLessThanOrEqualTo(frames);
                lost += damaged;
                List<Long> left = new ArrayList<>(List.of(7L, 8L, 9L, 10L));
                List<Long> seen = judged(buffer);
                left.removeAll(seen);
                assertThat(left).as("byte %d", i).hasSizeLessThanOrEqualTo(1);
                assertThat(seen).as("byte %d", i).isSorted().doesNotHaveDuplicates();
                assertThat(seen.isEmpty() || seen.getFirst() > 6 || frames > 0).isTrue();
                buffer.add(record(11));
            }
            try (RecordBuffer<String> again = aside(disk).open()) {
                assertThat(again.ledger().balances()).as("byte %d", i).isTrue();
                assertThat(drained(again)).as("byte %d", i).containsExactly(11L);
            }
        }
        assertThat(lost).isGreaterThan(100);
    }

    private static RecordBufferBuilder<String> aside(SimulatedDisk disk) {
        return on(disk).journalSettings(
                        JournalSettings.defaults()
                                .withSegmentBytes(ByteSize.ofKiB(8))
                                .withOnDamage(JournalSettings.DamagePolicy.SET_ASIDE));
    }

    /** As {@link #drained}; the batch that was out before has its records if it has its id. */
    private static List<Long> judged(RecordBuffer<String> buffer) throws Exception {
        buffer.flush();
        List<Long> numbers = new ArrayList<>();
        Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
        while (batch.isPresent()) {
            List<String> records = batch.get().records();
            if (batch.get().id() <= 3) {
                long first = batch.get().id() * 3 - 2;
                assertThat(records)
                        .containsExactly(record(first), record(first + 1), record(first + 2));
            }
            for (String record : records) {
                numbers.add(Long.parseLong(record.substring(0, 4)));
                assertThat(record).isEqualTo(record(numbers.getLast()));
            }
            buffer.commit(batch.get());
            batch = buffer.take(Duration.ZERO);
        }
        return numbers;
    }

    /** What a reopening gives; empty if it is refused. */
    private static Optional<List<Long>> reopened(SimulatedDisk disk) throws Exception {
        List<Path> before = disk.list(DIRECTORY);
        try (RecordBuffer<String> buffer = on(disk).open()) {
            assertThat(buffer.ledger().balances()).isTrue();
            return Optional.of(drained(buffer));
        } catch (DamagedException e) {
            assertThat(disk.list(DIRECTORY)).hasSameElementsAs(before);
            return Optional.empty();
        }
    }

    private static void flip(SimulatedDisk disk, Path path, long at, byte old, int bit)
            throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.WRITE)) {
            file.writeFully(ByteBuffer.wrap(new byte[] {(byte) (old ^ bit)}), at);
            file.sync();
        }
    }

    private static byte[] content(SimulatedDisk disk, Path path) throws IOException {
        try (DiskFile file = disk.open(path, Disk.Access.READ)) {
            ByteBuffer all = ByteBuffer.allocate((int) file.size());
            file.readFully(all, 0);
            return all.array();
        }
    }

    @Test
    void journalWithoutCommitsDoesNotGrowWhenTheOldestIsDropped() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer =
                on(disk).capacity(5).whenFull(WhenFull.dropOldest()).open()) {
            for (int i = 1; i <= 2_000; i++) {
                buffer.add(record(i));
            }
            assertThat(buffer.ledger().balances()).isTrue();
            assertThat(disk.list(DIRECTORY)).hasSizeLessThan(12);
        }
    }
}
