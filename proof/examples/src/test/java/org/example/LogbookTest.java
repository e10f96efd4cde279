package org.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogbookTest {
    @Test
    void linesAreThereAgainAfterReopening(@TempDir Path parent) {
        Path directory = parent.resolve("logbook");
        try (Logbook logbook = new Logbook(Disk.system(), directory)) {
            assertThat(logbook.write("weighed anchor")).isEqualTo(1);
        }
        try (Logbook logbook = new Logbook(Disk.system(), directory)) {
            assertThat(logbook.recovery()).isEqualTo("nothing was torn");
            logbook.write("land ahead");
            assertThat(logbook.lines()).containsExactly("weighed anchor", "land ahead");
        }
    }
}
