package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the tool takes for a journal. */
class JournalToolTest {
    private final SimulatedDisk disk = new SimulatedDisk();

    @Test
    void aJournalThatHoldsNothingIsOneAndAnEmptyFolderIsNone() throws Exception {
        Path empty = Path.of("/empty");
        Journal.open(disk, Clock.system(), empty, JournalSettings.defaults()).close();
        JournalTool tool = new JournalTool(disk, Clock.system(), empty);
        assertThat(tool.inspect().segments()).isEmpty();
        assertThat(tool.verify().next()).isEqualTo(1);
        assertThat(tool.repair().damage()).isEmpty();

        Path none = Path.of("/none");
        disk.createDirectory(none);
        JournalTool onNone = new JournalTool(disk, Clock.system(), none);
        assertThatThrownBy(onNone::verify).hasMessageContaining("there is no journal in /none");
        assertThatThrownBy(onNone::repair).hasMessageContaining("name the directory");
        assertThat(disk.list(none)).as("nothing was made there").isEmpty();
    }
}
