package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.testkit.Capacity;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The disk fails or is full, and threads meet errors: no entry is acknowledged and then lost. */
class FaultTest {
    private static boolean ofAPage(DiskCall call) {
        return call.path().startsWith(Logs.FOLDER.resolve("pages"));
    }

    /** Comments that were acknowledged at {@code SYNCED}, while some call fails once. */
    private static List<String> record(DataLog log, int count) {
        List<String> acknowledged = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String comment = "comment %d of a test with faults".formatted(i);
            if (log.record(List.of(Messages.comment(comment, i)), Durability.SYNCED)
                    .refusals()
                    .isEmpty()) {
                acknowledged.add(comment);
            }
        }
        return acknowledged;
    }

    @Test
    void callOfThePageThatFailsLosesNothingAcknowledged() {
        for (int nth = 1; nth < 40; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            disk.faults(
                    Faults.failNth(
                            nth, call -> ofAPage(call) && call.kind() != DiskCall.Kind.DELETE));
            List<String> acknowledged = new ArrayList<>();
            try (DataLog log = Logs.open(disk)) {
                acknowledged.addAll(record(log, 30));
            } catch (DataLogException e) {
                assertThat(e.fault())
                        .isIn(DataLogException.Fault.FAILED, DataLogException.Fault.IO);
            }
            disk.faults(Faults.NONE);
            try (DataLog log = Logs.open(disk.crash(Survival.NOTHING))) {
                assertThat(Logs.comments(log)).as("call %d", nth).containsAll(acknowledged);
                assertThat(log.ledger().balances()).as("%s", log.ledger()).isTrue();
            }
        }
    }

    @Test
    void errorAtAnyCallEndsNoThreadUntoldAndLosesNothingAcknowledged() {
        for (int nth = 1; nth < 90; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            disk.faults(Faults.throwNth(nth, _ -> true, OutOfMemoryError::new));
            List<String> acknowledged = new ArrayList<>();
            try (DataLog log = Logs.open(disk)) {
                for (int i = 0; i < 20; i++) {
                    acknowledged.addAll(recordOne(log, i));
                }
            } catch (ForebayException | OutOfMemoryError e) {
                // Who cannot go on is told.
            }
            disk.faults(Faults.NONE);
            try (DataLog log = Logs.open(disk.crash(Survival.NOTHING))) {
                assertThat(Logs.comments(log)).as("call %d", nth).containsAll(acknowledged);
                assertThat(log.ledger().balances()).as("%s", log.ledger()).isTrue();
            }
        }
    }

    private static List<String> recordOne(DataLog log, int i) {
        String comment = "comment %d in front of an error".formatted(i);
        try {
            boolean taken =
                    log.record(List.of(Messages.comment(comment, i)), Durability.SYNCED)
                            .refusals()
                            .isEmpty();
            return taken ? List.of(comment) : List.of();
        } catch (RuntimeException | OutOfMemoryError e) {
            return List.of();
        }
    }

    @Test
    void syncThatFailsIsSaidAndTheNextPageTakesOver() {
        SimulatedDisk disk = new SimulatedDisk();
        try (DataLog log = Logs.open(disk)) {
            record(log, 1);
            disk.faults(
                    Faults.failNth(1, call -> ofAPage(call) && call.kind() == DiskCall.Kind.SYNC));
            Recorded recorded =
                    log.record(List.of(Messages.comment("not synced", 7)), Durability.SYNCED);
            assertThat(recorded.refusals())
                    .singleElement()
                    .satisfies(refusal -> {
                        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.FAILED);
                        assertThat(refusal.message()).contains("could not be synced");
                    });
            assertThat(record(log, 3)).hasSize(3);
            assertThat(Logs.comments(log)).hasSizeGreaterThanOrEqualTo(4);
            assertThat(log.ledger().balances()).as("%s", log.ledger()).isTrue();
        }
    }

    @Test
    void fullDiskRefusesMakesRoomAndGoesOn() {
        SimulatedDisk disk = new SimulatedDisk();
        Logs.open(disk).close();
        disk.faults(new Capacity(disk, Logs.FOLDER.resolve("pages"), 60_000));
        try (DataLog log = Logs.open(disk)) {
            int refused = 0;
            int taken = 0;
            for (int i = 0; i < 600; i++) {
                Entry entry = Messages.blob("b", i, "x".repeat(500));
                List<Refusal> refusals = log.record(List.of(entry), Durability.SYNCED).refusals();
                refusals.forEach(each ->
                        assertThat(each.reason()).as("%s", each).isEqualTo(Refusal.Reason.FULL));
                refused += refusals.size();
                taken += 1 - refusals.size();
                log.ledger();
            }
            Ledger ledger = log.ledger();
            assertThat(refused).isPositive();
            assertThat(taken).isGreaterThan(300);
            assertThat(ledger.balances()).as("%s", ledger).isTrue();
            assertThat(ledger.refused()).containsEntry(Refusal.Reason.FULL, (long) refused);
            assertThat(ledger.lost().get(Loss.EVICTED)).isPositive();
        }
    }

    @Test
    void keeperThatEndsIsToldToTheNextCall() {
        SimulatedDisk disk = new SimulatedDisk();
        DataLog log = Logs.open(disk);
        disk.faults(call -> {
            if (Thread.currentThread().getName().equals("forebay-log-keeper")) {
                throw new IllegalStateException("injected");
            }
            return call.length();
        });
        assertThatThrownBy(
                        () -> {
                            for (int i = 0; i < 1000; i++) {
                                log.record(
                                        List.of(Messages.blob("b", i, "x".repeat(700))),
                                        Durability.WRITTEN);
                                log.ledger();
                            }
                        })
                .isInstanceOfSatisfying(
                        DataLogException.class,
                        e -> {
                            assertThat(e.fault()).isEqualTo(DataLogException.Fault.FAILED);
                            assertThat(e).hasMessageContaining("open it again");
                        });
        assertThatThrownBy(() -> log.record(List.of(Messages.comment("c", 1)), Durability.WRITTEN))
                .isInstanceOf(DataLogException.class)
                .hasMessageContaining("the keeper of the log ended");
        disk.faults(Faults.NONE);
        log.close();
        Logs.open(disk).close();
    }
}
