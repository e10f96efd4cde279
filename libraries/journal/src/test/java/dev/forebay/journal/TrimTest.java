package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a trim syncs, and what a power cut leaves in the middle of one. */
class TrimTest {
    private static final JournalSettings SETTINGS = JournalTest.SMALL.withReadyAhead(1);
    private static final int OLD = 40;
    private static final String SUMMARY = "summary of all in front";

    private static Journal reopened(Disk disk) {
        try {
            return JournalCrashTest.open(disk, SETTINGS);
        } catch (DamagedException e) {
            throw new AssertionError("a power cut in a trim leaves no damage", e);
        }
    }

    /** Appends frames that fill some segments, then their summary; none is synced. */
    private static long appendSummary(Journal journal) {
        for (int i = 0; i < OLD; i++) {
            journal.append(new byte[900], Durability.WRITTEN);
        }
        return journal.append(JournalTest.bytes(SUMMARY), Durability.WRITTEN);
    }

    private static void trimTwice(Disk disk, CrashMatrix.Acks<Long> acks) {
        try (Journal journal = JournalCrashTest.open(disk, SETTINGS)) {
            for (int i = 0; i < 2; i++) {
                long summary = appendSummary(journal);
                journal.trim(summary, summary);
                acks.add(summary);
            }
        }
    }

    /** If frames are missing in front, their summary is there. */
    private static void checkSummary(Disk disk, List<Long> trimmed) {
        long last = trimmed.isEmpty() ? 1 : trimmed.getLast();
        try (Journal journal = reopened(disk)) {
            assertThat(journal.first()).isGreaterThanOrEqualTo(last);
            assertThat(journal.next()).isGreaterThan(last - 1);
            if (journal.first() > 1) {
                assertThat(JournalTest.read(journal)).contains(SUMMARY);
            }
            assertThat(journal.append(new byte[9])).isEqualTo(journal.next() - 1);
        }
    }

    @Test
    void summaryOfTrimmedFramesIsThereWhereverThePowerIsCut() throws Exception {
        CrashMatrix.randoms(2).run(TrimTest::trimTwice, TrimTest::checkSummary);
    }

    @Test
    void trimSyncsNoFileThatGoes() {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = JournalCrashTest.open(disk, SETTINGS)) {
            // No more than the force thread leaves alone.
            for (int i = 0; i < 10; i++) {
                journal.append(new byte[900], Durability.WRITTEN);
            }
            long summary = journal.append(JournalTest.bytes(SUMMARY), Durability.WRITTEN);
            assertThat(journal.segmentCount()).isGreaterThan(1);
            Set<String> synced = Collections.synchronizedSet(new TreeSet<>());
            disk.faults(call -> {
                if (call.kind() == Kind.SYNC) {
                    synced.add(String.valueOf(call.path().getFileName()));
                }
                return call.length();
            });
            journal.trim(summary, summary);
            assertThat(journal.segmentCount()).isEqualTo(1);
            assertThat(synced).contains("checkpoint").hasSize(2);
            assertThat(journal.synced()).isEqualTo(summary);
        }
    }

    /** An append at {@code SYNCED} is acknowledged before the checkpoint of a trim is synced. */
    @Test
    void frameThatIsSyncedDuringATrimIsThereIfThePowerIsCutThen() {
        SimulatedDisk disk = new SimulatedDisk();
        List<SimulatedDisk> cut = new ArrayList<>();
        try (Journal journal = JournalCrashTest.open(disk, SETTINGS)) {
            long summary = appendSummary(journal);
            disk.faults(call -> {
                if (cut.isEmpty() && isSyncOfCheckpoint(call)) {
                    journal.append(JournalTest.bytes("meanwhile"));
                    cut.add(disk.crash(Survival.NOTHING));
                }
                return call.length();
            });
            journal.trim(summary, summary);
        }
        try (Journal journal = reopened(cut.getFirst())) {
            assertThat(JournalTest.read(journal)).endsWith(SUMMARY, "meanwhile");
        }
    }

    private static boolean isSyncOfCheckpoint(DiskCall call) {
        return call.kind() == Kind.SYNC && call.path().endsWith("checkpoint");
    }

    @Test
    void trimUpToAFrameBeyondTheEndIsRefused() {
        try (Journal journal = JournalCrashTest.open(new SimulatedDisk(), SETTINGS)) {
            journal.append(new byte[9]);
            assertThatThrownBy(() -> journal.trim(1, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("frame 2 is not there, the next one is 2");
        }
    }
}
