package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code forebay demo run} as a user runs it. */
@EnabledOnOs(OS.LINUX)
final class RunDemoTest {
    @TempDir Path directory;
    private Path launcher;

    @BeforeEach
    void makeLauncher() throws IOException {
        launcher = directory.resolve("forebay");
        Checkout.demoLauncher(launcher);
        Path recordings = Files.createDirectory(directory.resolve("recordings"));
        Files.copy(Path.of("../../recordings/ecg-208.u16"), recordings.resolve("ecg-208.u16"));
    }

    private Process start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "demo", "run"));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String end(Process demo, int expected) throws Exception {
        String said = new String(demo.getInputStream().readAllBytes(), UTF_8);
        assertThat(demo.waitFor()).as(said).isEqualTo(expected);
        return said;
    }

    /** The second demo, at the same time, has a value changed. */
    @Test
    void resultsComeBeforeTheEndAndAreComparedWithTheSamples() throws Exception {
        Process whole = start();
        Process spoiled = start("--spoil");
        assertThat(end(whole, 0))
                .containsPattern("written +2160 samples")
                .containsPattern("results before the end +[1-9]\\d* lines")
                .containsPattern("results +2160 lines")
                .contains("Every result is the mean of its samples.");
        assertThat(end(spoiled, 3)).contains("SOMETHING DIFFERS.");
    }
}
