package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.SimulatedDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What was acknowledged is there after a crash at any call, once, and the log goes on. */
class CrashTest {
    private static final int ENTRIES = 24;

    private static String name(int i) {
        return "entry number %03d, which has some length".formatted(i);
    }

    /** Every third is synced. */
    private static void work(SimulatedDisk disk, CrashMatrix.Acks<String> acks) {
        try (DataLog log = open(disk)) {
            for (int i = 0; i < ENTRIES; i++) {
                boolean sync = i % 3 == 2;
                Recorded recorded =
                        log.record(
                                List.of(
                                        Messages.comment(name(i), i),
                                        Messages.blob("b", i, name(i))),
                                sync ? Durability.SYNCED : Durability.WRITTEN);
                assertThat(recorded.refusals()).isEmpty();
                if (sync) {
                    acks.add(name(i));
                }
            }
        }
    }

    private static DataLog open(SimulatedDisk disk) {
        return DataLog.open(
                disk, Clock.system(), Logs.FOLDER, Logs.SMALL.withPage(Trigger.bytes(300)));
    }

    private static void check(SimulatedDisk disk, List<String> acks) throws Exception {
        for (int round = 0; round < 2; round++) {
            try (DataLog log = open(disk)) {
                assertThat(Logs.comments(log)).containsAll(acks).doesNotHaveDuplicates();
                assertThat(Logs.blobs(log)).containsAll(acks).doesNotHaveDuplicates();
                assertThat(log.ledger().balances()).as("%s", log.ledger()).isTrue();
                assertThat(
                                log.record(
                                                List.of(Messages.text("goes on", 1, "")),
                                                Durability.SYNCED)
                                        .refusals())
                        .isEmpty();
            }
        }
    }

    @Test
    void syncedEntriesAreThereOnceAfterACrashAtAnyCall() throws Exception {
        int images = CrashMatrix.randoms(1).run(CrashTest::work, CrashTest::check);
        assertThat(images).isGreaterThan(300);
    }

    @Test
    void writtenEntriesAreThereAfterTheProcessDied() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (DataLog log = open(disk)) {
            List<String> written = new ArrayList<>();
            for (int i = 0; i < ENTRIES; i++) {
                log.record(
                        List.of(Messages.comment(name(i), i), Messages.blob("b", i, name(i))),
                        Durability.WRITTEN);
                written.add(name(i));
                check(disk.kill(), written);
            }
        }
    }

    @Test
    void eventsOfARecoveredPageCountOnce() {
        SimulatedDisk disk = new SimulatedDisk();
        SimulatedDisk killed;
        try (DataLog log = open(disk)) {
            log.record(
                    List.of(
                            Messages.event("e1", 1, 2, 1, false),
                            Messages.event("e2", 3, 4, 1, true)),
                    Durability.WRITTEN);
            killed = disk.kill();
        }
        for (int opening = 0; opening < 3; opening++) {
            try (DataLog log = open(killed)) {
                assertThat(log.ledger().taken()).isEqualTo(2);
                assertThat(log.ledger().held()).isEqualTo(2);
            }
        }
    }

    @Test
    void crashDuringTheRecoveryLosesNothingMore() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        List<String> acks = new ArrayList<>();
        try (DataLog log = open(disk)) {
            for (int i = 0; i < ENTRIES; i++) {
                log.record(
                        List.of(Messages.comment(name(i), i), Messages.blob("b", i, name(i))),
                        Durability.SYNCED);
                acks.add(name(i));
            }
            SimulatedDisk left = disk.kill();
            int images =
                    CrashMatrix.randoms(1)
                            .run(
                                    left,
                                    (again, given) -> {
                                        acks.forEach(given::add);
                                        open(again).close();
                                    },
                                    CrashTest::check);
            assertThat(images).isGreaterThan(20);
        }
    }

    /** What was deleted is counted as deleted, whichever of its files are still there. */
    @Test
    void pageThatGoesIsCountedOnceAndByTheWayItWent() throws Exception {
        SimulatedDisk filled = new SimulatedDisk();
        try (DataLog log = open(filled)) {
            for (int i = 0; i < ENTRIES; i++) {
                log.record(List.of(Messages.comment(name(i), i)), Durability.SYNCED);
            }
        }
        int images =
                CrashMatrix.randoms(1)
                        .run(
                                filled,
                                (disk, acks) -> {
                                    try (DataLog log = open(disk)) {
                                        log.delete(
                                                Optional.of(new TimeRange(0, ENTRIES / 2)),
                                                List.of());
                                        acks.add("deleted");
                                    }
                                },
                                CrashTest::checkDeletion);
        assertThat(images).isGreaterThan(10);
    }

    private static void checkDeletion(SimulatedDisk disk, List<String> acks) {
        for (int round = 0; round < 2; round++) {
            try (DataLog log = open(disk)) {
                Ledger ledger = log.ledger();
                assertThat(ledger.taken()).isEqualTo(ENTRIES);
                assertThat(ledger.balances()).as("%s", ledger).isTrue();
                assertThat(ledger.lost()).doesNotContainKey(Loss.DAMAGED);
                assertThat(Logs.comments(log)).hasSize((int) ledger.held());
                if (!acks.isEmpty()) {
                    assertThat(Logs.comments(log)).doesNotContain(name(0));
                }
            }
        }
    }
}
