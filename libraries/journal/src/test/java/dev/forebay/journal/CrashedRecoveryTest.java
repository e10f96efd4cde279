package dev.forebay.journal;

import static dev.forebay.journal.DamageTest.ASIDE;
import static dev.forebay.journal.DamageTest.SMALL;
import static dev.forebay.journal.DamageTest.check;
import static dev.forebay.journal.DamageTest.content;
import static dev.forebay.journal.DamageTest.journal;
import static dev.forebay.journal.DamageTest.offset;
import static dev.forebay.journal.DamageTest.open;
import static dev.forebay.journal.DamageTest.payload;
import static dev.forebay.journal.DamageTest.segment;
import static dev.forebay.journal.DamageTest.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.CrashMatrix.Acks;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Cuts the power once more while the journal recovers from the last cut. */
class CrashedRecoveryTest {
    private static final Path ASIDE_FILES = DamageTest.ROOT.resolve("aside");
    private static final byte[] JUNK =
            "what no one can read".repeat(30).getBytes(StandardCharsets.US_ASCII);

    /** Frames of 200 bytes over three segments, some synced, a trim, and a clean end. */
    private static void live(Disk disk, Acks<Long> synced) {
        try (Journal journal = open(disk, SMALL)) {
            for (int i = 1; i <= 40; i++) {
                Durability level = i % 4 == 0 ? Durability.SYNCED : Durability.WRITTEN;
                journal.append(payload(i), level);
                if (level == Durability.SYNCED) {
                    synced.add((long) i);
                }
                if (i == 36) {
                    journal.trim(20);
                }
            }
        }
    }

    private static void holds(Disk disk, List<Long> synced) {
        try (Journal journal = open(disk, SMALL)) {
            assertThat(journal.next())
                    .isGreaterThan(synced.isEmpty() ? 0 : Collections.max(synced));
            assertThat(journal.first()).isLessThanOrEqualTo(20);
            assertThat(check(journal)).isZero();
        }
    }

    @Test
    void aSecondCrashAtAnyCallOfTheRecoveryLosesNothing() throws Exception {
        int images =
                CrashMatrix.randoms(1)
                        .runTwice(
                                CrashedRecoveryTest::live,
                                CrashedRecoveryTest::recover,
                                CrashedRecoveryTest::holds);
        assertThat(images).isGreaterThan(2000);
    }

    /**
     * The disk as a process left it that was killed when a trim had renamed its last segment to a
     * spare.
     *
     * @param next the number of the next frame; how many fit depends on when segments were made
     */
    private record KilledInTrim(SimulatedDisk disk, long next) {}

    private static KilledInTrim killedInTrim() {
        SimulatedDisk disk = new SimulatedDisk();
        long next;
        AtomicReference<SimulatedDisk> left = new AtomicReference<>();
        try (Journal journal = open(disk, SMALL)) {
            disk.faults(Faults.fullAfter(3 * SMALL.segmentBytes().bytes()));
            assertThatThrownBy(
                            () -> {
                                while (true) {
                                    journal.append(payload(journal.next()));
                                }
                            })
                    .as("then no segment is ready")
                    .isInstanceOf(JournalException.class);
            disk.faults(Faults.NONE);
            disk.afterEachChange(call -> {
                if (call.kind() == Kind.RENAME) {
                    left.set(disk.kill());
                }
            });
            next = journal.next();
            journal.trim(next);
            disk.afterEachChange(call -> {});
        }
        return new KilledInTrim(Objects.requireNonNull(left.get()), next);
    }

    @Test
    void spareIsUsedAgainOnlyOnceNoCrashBringsItsOldNameBack() throws Exception {
        KilledInTrim killed = killedInTrim();
        int images =
                CrashMatrix.randoms(3)
                        .<Long>run(
                                killed.disk,
                                (disk, none) -> open(disk, SMALL).close(),
                                (disk, none) -> {
                                    try (Journal journal = open(disk, SMALL)) {
                                        assertThat(journal.next()).isEqualTo(killed.next);
                                        assertThat(check(journal)).isZero();
                                    }
                                });
        assertThat(images).isGreaterThan(20);
    }

    private static void recover(Disk disk, Acks<Long> synced) {
        try (Journal journal = open(disk, SMALL)) {
            synced.add(journal.next() - 1); // What is served was synced first.
        }
    }

    /** A bad frame, another at a segment's end, and a whole segment of junk. */
    private static SimulatedDisk damaged() throws IOException {
        SimulatedDisk disk = journal(60);
        write(disk, segment(1), offset(5) + 40, JUNK);
        write(disk, segment(2), 0, JUNK);
        write(disk, segment(2), Layout.HEADER_COPY, JUNK);
        write(disk, segment(3), offset(17) + 40, "bad".getBytes(StandardCharsets.US_ASCII));
        return disk;
    }

    @Test
    void aCrashWhileDamageIsSetAsideLosesNoMoreAndDeletesNothing() throws Exception {
        long missing;
        try (Journal journal = open(damaged(), ASIDE)) {
            missing = check(journal);
        }
        assertThat(missing).isBetween(20L, 23L);
        int images =
                CrashMatrix.randoms(6)
                        .<Long>run(
                                damaged(),
                                (disk, none) -> open(disk, ASIDE).close(),
                                (disk, none) -> {
                                    try (Journal journal = open(disk, ASIDE)) {
                                        assertThat(journal.next()).isEqualTo(61);
                                        assertThat(check(journal)).isEqualTo(missing);
                                        assertThat(journal.append(payload(61))).isEqualTo(61);
                                    }
                                    assertThat(junkAside(disk)).isGreaterThanOrEqualTo(2);
                                    open(disk, SMALL).close();
                                });
        assertThat(images).isGreaterThan(100);
    }

    @Test
    void aCrashWhileALostOldestSegmentIsReplacedByGapsLosesNoMore() throws Exception {
        SimulatedDisk lost = journal(60);
        write(lost, segment(1), 0, JUNK);
        write(lost, segment(1), Layout.HEADER_COPY, JUNK);
        int images =
                CrashMatrix.randoms(6)
                        .<Long>run(
                                lost,
                                (disk, none) -> open(disk, ASIDE).close(),
                                (disk, none) -> {
                                    try (Journal journal = open(disk, ASIDE)) {
                                        assertThat(journal.first()).isEqualTo(1);
                                        assertThat(journal.next()).isEqualTo(61);
                                        assertThat(check(journal)).isEqualTo(17);
                                    }
                                    assertThat(junkAside(disk)).isEqualTo(1);
                                    open(disk, SMALL).close();
                                });
        assertThat(images).isGreaterThan(100);
    }

    /** In how many files the unreadable bytes are kept. */
    private static int junkAside(Disk disk) throws IOException {
        int files = 0;
        for (Path path : disk.list(ASIDE_FILES)) {
            String text = new String(content(disk, path), StandardCharsets.ISO_8859_1);
            if (text.contains("no one can read")) {
                files++;
            }
        }
        return files;
    }
}
