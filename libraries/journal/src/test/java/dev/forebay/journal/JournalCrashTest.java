package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cuts the power after every call and between stores, and counts what was promised. */
class JournalCrashTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SETTINGS =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8)).withReadyAhead(1);

    /** What a caller was told: this frame, at this level. */
    record Ack(long sequence, Durability level) {}

    static Journal open(Disk disk, JournalSettings settings) {
        return Journal.open(disk, Clock.system(), ROOT, settings);
    }

    static byte[] payload(long sequence) {
        String text = "frame " + sequence + " ";
        return text.repeat(1 + (int) (sequence * 7 % 60)).getBytes(StandardCharsets.UTF_8);
    }

    private static void work(Disk disk, CrashMatrix.Acks<Ack> acks) {
        try (Journal journal = open(disk, SETTINGS)) {
            for (int i = 1; i <= 70; i++) {
                Durability level =
                        switch (i % 5) {
                            case 0 -> Durability.SYNCED;
                            case 1 -> Durability.ACCEPTED;
                            default -> Durability.WRITTEN;
                        };
                long sequence = journal.append(payload(i), level);
                acks.add(new Ack(sequence, level));
                if (i == 50) {
                    journal.trim(30);
                }
            }
        }
    }

    /** No acknowledged frame is missing, no number is missing, and appending goes on. */
    private static void check(Disk disk, List<Ack> acks) {
        checkOnce(disk, acks);
        checkOnce(disk, acks);
    }

    private static Journal reopened(Disk disk) {
        try {
            return open(disk, SETTINGS);
        } catch (DamagedException e) {
            throw new AssertionError("a crash leaves no damage", e);
        }
    }

    private static void checkOnce(Disk disk, List<Ack> acks) {
        long synced =
                acks.stream()
                        .filter(ack -> ack.level == Durability.SYNCED)
                        .mapToLong(Ack::sequence)
                        .max()
                        .orElse(0);
        try (Journal journal = reopened(disk)) {
            assertThat(journal.next()).isGreaterThan(synced);
            long from = journal.first();
            assertThat(from).isLessThanOrEqualTo(30);
            try (JournalReader reader = journal.read(from)) {
                for (long i = from; i < journal.next(); i++) {
                    Entry entry = reader.next();
                    long expected = i;
                    assertThat(entry)
                            .isInstanceOfSatisfying(
                                    Frame.class,
                                    frame -> {
                                        assertThat(frame.sequence()).isEqualTo(expected);
                                        assertThat(frame.payload()).isEqualTo(payload(expected));
                                    });
                }
                assertThat(reader.next()).isNull();
            }
            long more = journal.next();
            assertThat(journal.append(payload(more))).isEqualTo(more);
        }
    }

    @Test
    void noSyncedFrameIsMissingAfterACrashAtAnyCall() throws Exception {
        int images = CrashMatrix.randoms(2).run(JournalCrashTest::work, JournalCrashTest::check);
        assertThat(images).isGreaterThan(400);
    }

    @Test
    void noWrittenFrameIsMissingAfterTheProcessDiedAtAnyCall() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk, SETTINGS);
        for (int i = 1; i <= 60; i++) {
            journal.append(payload(i), i % 2 == 0 ? Durability.WRITTEN : Durability.ACCEPTED);
            try (Journal other = open(disk.crash(Survival.EVERYTHING), SETTINGS)) {
                assertThat(other.next()).isEqualTo(i + 1);
                assertThat(JournalTest.read(other)).hasSize(i);
            }
        }
        journal.close();
    }

    @Test
    void aCrashDuringRecoveryChangesNothing() throws Exception {
        for (int seed = 0; seed < 6; seed++) {
            SimulatedDisk disk = new SimulatedDisk();
            Journal journal = open(disk, SETTINGS);
            for (int i = 1; i <= 40; i++) {
                journal.append(payload(i), i <= 25 ? Durability.SYNCED : Durability.WRITTEN);
            }
            SimulatedDisk left = disk.crash(Survival.random(seed));
            journal.close();
            CrashMatrix.randoms(2)
                    .<Ack>run(
                            left,
                            (again, acks) -> {
                                acks.add(new Ack(25, Durability.SYNCED));
                                Journal opened = open(again, SETTINGS);
                                // What is served was synced first.
                                acks.add(new Ack(opened.next() - 1, Durability.SYNCED));
                                opened.close();
                            },
                            JournalCrashTest::check);
        }
    }

    @Test
    void frameThatWasCutNeverComesBack() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            SimulatedDisk disk = new SimulatedDisk();
            Journal journal = open(disk, SETTINGS);
            for (int i = 1; i <= 70; i++) {
                journal.append(payload(i), Durability.WRITTEN);
            }
            SimulatedDisk left = disk.crash(Survival.random(seed));
            journal.close();
            Journal second = open(left, SETTINGS);
            List<String> expected = new ArrayList<>(JournalTest.read(second));
            second.append("new".getBytes(StandardCharsets.UTF_8));
            expected.add("new");
            SimulatedDisk again = left.crash(Survival.NOTHING);
            second.close();
            try (Journal third = open(again, SETTINGS)) {
                assertThat(JournalTest.read(third)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {
                "CREATE",
                "CREATE_DIRECTORY",
                "WRITE",
                "SYNC",
                "RENAME",
                "SYNC_DIRECTORY",
                "DELETE",
                "STAT",
                "OPEN",
                "READ",
                "LIST",
                "ALLOCATE",
                "TRUNCATE",
                "MAP",
                "FORCE"
            })
    void nothingSyncedIsLostWhateverCallFails(Kind kind) {
        for (int nth = 1; nth < 200; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            List<Ack> acks = new ArrayList<>();
            boolean failed = false;
            disk.faults(Faults.failNth(nth, call -> call.kind() == kind));
            try (Journal journal = open(disk, SETTINGS)) {
                for (int i = 1; i <= 40; i++) {
                    acks.add(new Ack(journal.append(payload(i)), Durability.SYNCED));
                    if (i == 36) {
                        journal.trim(30);
                    }
                }
            } catch (ForebayException e) {
                failed = true;
            }
            disk.faults(Faults.NONE);
            for (int seed = 0; seed < 4; seed++) {
                check(disk.crash(seed == 0 ? Survival.NOTHING : Survival.random(seed)), acks);
            }
            check(disk, acks);
            if (!failed && nth > 40) {
                return;
            }
        }
    }
}
