package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.PoisonedException;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Appends of many bytes at a time, which go into new files by calls. */
class LargeAppendTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SETTINGS =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(160)).withSpares(0);
    private static final int BATCH = 12;
    private static final int BATCHES = 14;

    private static Journal open(Disk disk) {
        return Journal.open(disk, Clock.system(), ROOT, SETTINGS);
    }

    /** So long that a batch is larger than {@link FreshFileWriter#WORTH_A_CALL}. */
    private static byte[] payload(long sequence) {
        byte[] bytes = new byte[900 + (int) (sequence * 37 % 800)];
        Arrays.fill(bytes, (byte) sequence);
        return bytes;
    }

    private static List<byte[]> batch(long first) {
        List<byte[]> batch = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            batch.add(payload(first + i));
        }
        return batch;
    }

    /** Batches in turns with single small frames; gives the last sequence that was acknowledged. */
    private static void appendAll(Journal journal, boolean synced, CrashMatrix.Acks<Long> acks) {
        for (int i = 1; i <= BATCHES; i++) {
            Durability level = synced && i % 2 == 0 ? Durability.SYNCED : Durability.WRITTEN;
            long last = journal.append(batch(journal.next()), 0, level);
            if (level == Durability.SYNCED) {
                acks.add(last);
            }
            journal.append(payload(journal.next()), Durability.WRITTEN);
        }
    }

    private static void check(Disk disk, List<Long> acks) {
        try (Journal journal = open(disk)) {
            assertThat(journal.recovery().damage()).isEmpty();
            assertThat(journal.next()).isGreaterThan(acks.isEmpty() ? 0 : acks.getLast());
            try (JournalReader reader = journal.read(1)) {
                for (long i = 1; i < journal.next(); i++) {
                    byte[] appended = payload(i);
                    assertThat(reader.next())
                            .isInstanceOfSatisfying(
                                    Frame.class,
                                    frame -> assertThat(frame.payload()).isEqualTo(appended));
                }
            }
        }
    }

    @Test
    void syncedBatchOutlivesCrashAtAnyCall() throws Exception {
        int images =
                CrashMatrix.randoms(2)
                        .<Long>run(
                                (disk, acks) -> {
                                    try (Journal journal = open(disk)) {
                                        appendAll(journal, true, acks);
                                        assertThat(journal.segmentCount()).isGreaterThan(1);
                                    }
                                },
                                LargeAppendTest::check);
        assertThat(images).isGreaterThan(150);
    }

    @Test
    void writtenBatchOutlivesTheProcess() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk)) {
            for (int i = 0; i < BATCHES; i++) {
                long last = journal.append(batch(journal.next()), 0, Durability.WRITTEN);
                check(disk.crash(Survival.EVERYTHING), List.of(last));
            }
        }
    }

    @Test
    void failedOrShortWriteLosesNothingSynced() throws Exception {
        for (int nth = 1; nth < BATCHES; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            Journal journal = open(disk);
            disk.faults(
                    Faults.shortWrites(5000)
                            .and(Faults.failNth(nth, LargeAppendTest::isWriteOfFrames)));
            List<Long> synced = new ArrayList<>();
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    synced.add(
                                            journal.append(
                                                    batch(journal.next()), 0, Durability.SYNCED));
                                }
                            })
                    .isInstanceOf(PoisonedException.class)
                    .hasMessageContaining("injected fault");
            assertThatThrownBy(() -> journal.append(new byte[1]))
                    .isInstanceOf(PoisonedException.class);
            assertThatThrownBy(journal::close).isInstanceOf(PoisonedException.class);
            disk.faults(Faults.NONE);
            check(disk.crash(Survival.NOTHING), synced);
            check(disk, synced);
        }
    }

    private static boolean isWriteOfFrames(DiskCall call) {
        return call.kind() == Kind.WRITE && call.position() >= Layout.HEADER;
    }

    /** The writes and stores of frames that the appends of this thread make. */
    private static List<DiskCall> callsOf(SimulatedDisk disk, Runnable appends) {
        Thread me = Thread.currentThread();
        List<DiskCall> calls = Collections.synchronizedList(new ArrayList<>());
        disk.faults(call -> {
            if (Thread.currentThread().equals(me) && call.kind() != Kind.SYNC) {
                calls.add(call);
            }
            return call.length();
        });
        appends.run();
        disk.faults(Faults.NONE);
        return calls;
    }

    @Test
    void batchInNewFileIsOneWriteForEachBlockItTouches() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk)) {
            List<DiskCall> calls =
                    callsOf(
                            disk,
                            () -> {
                                for (int i = 0; i < 5; i++) {
                                    journal.append(batch(journal.next()), 0, Durability.WRITTEN);
                                }
                            });
            assertThat(calls).allMatch(LargeAppendTest::isWriteOfFrames).hasSizeBetween(5, 6);
            for (DiskCall call : calls) {
                assertThat(call.position() / FreshFileWriter.BLOCK)
                        .isEqualTo((call.position() + call.length() - 1) / FreshFileWriter.BLOCK);
            }
            assertThat(calls.getFirst().position() + calls.getFirst().length())
                    .as("the first write fills its block")
                    .isEqualTo(FreshFileWriter.BLOCK);
        }
    }

    @Test
    void journalThatIsSyncedWritesItsFramesOnly() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk)) {
            journal.append(payload(1));
            List<DiskCall> calls =
                    callsOf(
                            disk,
                            () -> {
                                for (int i = 0; i < 5; i++) {
                                    journal.append(batch(journal.next()), 0, Durability.SYNCED);
                                }
                            });
            long frames = 0;
            for (long i = 2; i < journal.next(); i++) {
                frames += Layout.frameBytes(payload(i).length);
            }
            assertThat(calls).allMatch(LargeAppendTest::isWriteOfFrames);
            assertThat(calls.stream().mapToLong(DiskCall::length).sum()).isEqualTo(frames);
        }
    }
}
