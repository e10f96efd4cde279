package org.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.NoSpaceException;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.Sabotage;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A user's own code, crashed after every call it makes. The snippets stand in docs/testing.md. */
class SavedStateTest {
    private static final Path FILE = Path.of("/state");

    // snippet: crash
    /** Longer than a sector, so that a value can be torn. */
    private static final List<String> VALUES =
            List.of("nothing yet", "one".repeat(400), "two".repeat(500), "three".repeat(300));

    private static int crash(UnaryOperator<Disk> lie) throws Exception {
        return CrashMatrix.randoms(4)
                .<String>run(
                        (disk, acks) -> {
                            SavedState state = new SavedState(lie.apply(disk), FILE);
                            for (String value : VALUES.subList(1, VALUES.size())) {
                                state.save(value);
                                acks.add(value);
                            }
                        },
                        (disk, acks) -> {
                            String found =
                                    new SavedState(disk, FILE).load().orElse(VALUES.getFirst());
                            assertThat(VALUES.indexOf(found))
                                    .isBetween(acks.size(), acks.size() + 1);
                        });
    }

    @Test
    void whatWasSavedSurvivesAPowerCutAfterEveryCall() throws Exception {
        assertThat(crash(UnaryOperator.identity())).isGreaterThan(80);
    }

    // end

    // snippet: sabotage
    @ParameterizedTest
    @EnumSource(names = {"SKIP_FILE_SYNC", "SKIP_DIRECTORY_SYNC"})
    void aForgottenSyncIsCaught(Sabotage sabotage) {
        assertThatThrownBy(() -> crash(sabotage::of))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("crashed after");
    }

    // end

    // snippet: faults
    @Test
    void aFullDiskKeepsTheOldValue() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        SavedState state = new SavedState(disk, FILE);
        state.save("old");
        disk.faults(Faults.fullAfter(2));
        assertThatThrownBy(() -> state.save("new")).isInstanceOf(NoSpaceException.class);
        assertThat(state.load()).contains("old");
    }

    private static String afterAFailedSync(UnaryOperator<Disk> lie) throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        SavedState state = new SavedState(lie.apply(disk), FILE);
        state.save("old");
        disk.faults(Faults.failNth(1, call -> call.kind() == DiskCall.Kind.SYNC));
        String promised = "new";
        try {
            state.save(promised);
        } catch (IOException e) {
            promised = "old";
        }
        assertThat(new SavedState(disk.crash(Survival.NOTHING), FILE).load()).contains(promised);
        return promised;
    }

    @Test
    void aFailedSyncIsSaidAndKeepsTheOldValue() throws Exception {
        assertThat(afterAFailedSync(UnaryOperator.identity())).isEqualTo("old");
        assertThatThrownBy(() -> afterAFailedSync(Sabotage.SWALLOW_SYNC_ERRORS::of))
                .isInstanceOf(AssertionError.class);
    }
    // end
}
