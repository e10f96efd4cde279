package dev.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrashMatrixTest {
    private static void putThree(Disk disk, CrashMatrix.Acks<String> acks) throws Exception {
        for (String name : List.of("a", "b", "c")) {
            Kept.put(disk, name, "text of " + name);
            acks.add(name + "=text of " + name);
        }
    }

    @Test
    void thePowerIsCutAfterEveryCallAndAtTheEnd() throws Exception {
        int images = CrashMatrix.randoms(2).run(CrashMatrixTest::putThree, Kept::check);
        // Create, write, sync, link, sync; a put also deletes what the one before left aside.
        assertThat(images).isEqualTo((3 * 5 + 2 + 1) * 4);
    }

    @Test
    void whatIsAcknowledgedAfterTheLastCallIsCheckedToo() {
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(0)
                                .<String>run((disk, acks) -> acks.add("a=text"), Kept::check))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("crashed at the end, left with nothing unsynced");
    }

    @Test
    void aFailedCheckNamesTheCallAndWhatWasLeft() {
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(2)
                                .<String>run(
                                        (disk, acks) -> {
                                            acks.add("a=text");
                                            Kept.put(disk, "a", "text");
                                        },
                                        Kept::check))
                .isInstanceOf(AssertionError.class)
                .hasMessageStartingWith(
                        "crashed after #2 CREATE /aside, left with nothing unsynced, acknowledged"
                                + " [a=text]: ")
                .hasCauseInstanceOf(AssertionError.class);
    }

    @Test
    void workRunsUnderInterruptsAndChecksDoNot() throws Exception {
        Set<Boolean> seen = new HashSet<>();
        CrashMatrix.Work<String> work =
                (disk, acks) -> {
                    for (String name : List.of("a", "b", "c")) {
                        Kept.put(disk, name, "text");
                        seen.add(Thread.currentThread().isInterrupted());
                    }
                };
        CrashMatrix.Check<String> check =
                (disk, acks) -> assertThat(Thread.currentThread().isInterrupted()).isFalse();
        CrashMatrix.randoms(0).run(work, check);
        assertThat(seen).as("both").containsExactlyInAnyOrder(true, false);
        assertThat(Thread.interrupted()).isFalse();
        seen.clear();
        CrashMatrix.randoms(0).withoutInterrupts().run(work, check);
        assertThat(seen).containsExactly(false);
    }

    @Test
    void workThatThrowsLeavesNoListenerBehind() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        CrashMatrix.Acks<?>[] kept = new CrashMatrix.Acks<?>[1];
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(0)
                                .<String>run(
                                        disk,
                                        (any, acks) -> {
                                            kept[0] = acks;
                                            throw new IllegalStateException("on purpose");
                                        },
                                        Kept::check))
                .hasMessage("on purpose");
        // A listener that is still there would ask for the acknowledgements, and so wait for them.
        Thread other;
        synchronized (kept[0]) {
            other = Thread.ofPlatform().start(() -> create(disk));
            assertThat(other.join(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(disk.stat(Path.of("/d"))).isPresent();
    }

    private static void create(Disk disk) {
        try {
            disk.createDirectory(Path.of("/d"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Shows every name it finds, having synced them or not. */
    private static CrashMatrix.Work<String> serving(boolean synced) {
        return (disk, acks) -> {
            if (synced) {
                disk.syncAll(Kept.ROOT);
            }
            for (String name : List.of("a", "b", "c")) {
                if (Kept.has(disk, name)) {
                    acks.add(name + "=" + Kept.read(disk, name));
                }
            }
        };
    }

    @Test
    void aRecoveryThatSyncsWhatItServesPassesTheSecondCrash() throws Exception {
        int images =
                CrashMatrix.randoms(1)
                        .runTwice(CrashMatrixTest::putThree, serving(true), Kept::check);
        // Each image of the first crash, the killed ones included, and both points of its recovery.
        assertThat(images).isEqualTo((3 * 5 + 2 + 1) * 4 * 2 * 3);
    }

    @Test
    void aRecoveryThatServesWhatItDidNotSyncIsCaughtByTheSecondCrash() {
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(1)
                                .runTwice(CrashMatrixTest::putThree, serving(false), Kept::check))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("left with all of it, unsynced as it was")
                .hasMessageContaining("crashed at the end, left with nothing unsynced");
    }

    @Test
    void aRecoveryThatFailsIsReportedWithTheCrashBeforeIt() {
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(0)
                                .<String>runTwice(
                                        CrashMatrixTest::putThree,
                                        (disk, acks) -> {
                                            throw new IllegalStateException("cannot recover");
                                        },
                                        Kept::check))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("crashed after #")
                .hasMessageContaining("cannot recover");
    }
}
