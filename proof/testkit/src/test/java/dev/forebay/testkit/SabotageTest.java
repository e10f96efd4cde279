package dev.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.testkit.DiskCall.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each lie is noticed by a proof that the honest disk passes. */
class SabotageTest {
    @ParameterizedTest
    @EnumSource
    void everyLieIsNoticedAndTheTruthIsNot(Sabotage sabotage) throws Exception {
        prove(sabotage, disk -> disk);
        assertThatThrownBy(() -> prove(sabotage, sabotage::of))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was acknowledged");
    }

    private static void prove(Sabotage sabotage, UnaryOperator<Disk> twin) throws Exception {
        switch (sabotage) {
            case SKIP_DIRECTORY_SYNC, SKIP_FILE_SYNC, LINK_REPLACES -> powerCuts(twin);
            case SKIP_SYNC_ALL -> powerCutsOfARecovery(twin);
            case SWALLOW_SYNC_ERRORS -> failedSyncs(twin, Kind.SYNC);
        }
    }

    private static void powerCuts(UnaryOperator<Disk> twin) throws Exception {
        CrashMatrix.randoms(2)
                .<String>run(
                        (disk, acks) -> {
                            Disk seen = twin.apply(disk);
                            Kept.put(seen, "a", "first");
                            acks.add("a=first");
                            Kept.put(seen, "a", "second");
                        },
                        Kept::check);
    }

    private static void powerCutsOfARecovery(UnaryOperator<Disk> twin) throws Exception {
        CrashMatrix.randoms(1)
                .<String>runTwice(
                        (disk, acks) -> Kept.put(disk, "a", "text"),
                        (disk, acks) -> {
                            twin.apply(disk).syncAll(Kept.ROOT);
                            if (Kept.has(disk, "a")) {
                                acks.add("a=text");
                            }
                        },
                        Kept::check);
    }

    /** Puts on a disk whose every first sync of a kind fails, and says what was acknowledged. */
    private static void failedSyncs(UnaryOperator<Disk> twin, Kind kind) throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(Faults.failNth(1, call -> call.kind() == kind));
        List<String> acks = new ArrayList<>();
        try {
            if (kind == Kind.FORCE) {
                Kept.putMapped(twin.apply(disk), "a", "text");
            } else {
                Kept.put(twin.apply(disk), "a", "text");
            }
            acks.add("a=text");
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("injected");
        }
        Kept.check(disk.crash(Survival.NOTHING), acks);
    }

    @ParameterizedTest
    @EnumSource(names = {"SYNC", "SYNC_DIRECTORY", "FORCE"})
    void aSwallowedErrorIsNoticedWhicheverSyncFails(Kind kind) throws Exception {
        failedSyncs(disk -> disk, kind);
        assertThatThrownBy(() -> failedSyncs(Sabotage.SWALLOW_SYNC_ERRORS::of, kind))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was acknowledged");
    }

    @Test
    void aForceThatIsSkippedIsNoticed() {
        UnaryOperator<Disk> honest = disk -> disk;
        assertThatCode(() -> mapped(honest)).doesNotThrowAnyException();
        assertThatThrownBy(() -> mapped(Sabotage.SKIP_FILE_SYNC::of))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was acknowledged");
    }

    private static void mapped(UnaryOperator<Disk> twin) throws Exception {
        CrashMatrix.randoms(1)
                .<String>run(
                        (disk, acks) -> {
                            Kept.putMapped(twin.apply(disk), "a", "text");
                            acks.add("a=text");
                        },
                        Kept::check);
    }
}
