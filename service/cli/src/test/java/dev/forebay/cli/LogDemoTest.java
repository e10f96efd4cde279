package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code forebay demo log} as a user runs it, with twenty seconds of the recording. */
final class LogDemoTest {
    private static final int BYTES = 20 * 720;
    private static final long PATIENCE_MINUTES = 5;

    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir Path directory;
    private Path launcher;
    private Path recording;
    private @Nullable Process demo;

    @BeforeEach
    void makeLauncher() throws IOException {
        launcher = directory.resolve("forebay");
        Checkout.demoLauncher(launcher);
        byte[] whole = Files.readAllBytes(Path.of("../../recordings/ecg-208.u16"));
        recording = directory.resolve("some.u16");
        Files.write(recording, Arrays.copyOf(whole, BYTES));
    }

    @AfterEach
    void end() throws InterruptedException {
        if (demo != null) {
            demo.destroy(); // Not forcibly: it ends its server and removes its folder.
            assertThat(demo.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)).isTrue();
        }
    }

    private BufferedReader start(String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(launcher.toString(), "demo", "log", "--file", recording.toString()));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TMPDIR", directory.toString());
        Process started = builder.start();
        demo = started;
        return started.inputReader(UTF_8);
    }

    private static List<String> until(BufferedReader said, String start) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            lines.add(line);
            if (line.startsWith(start)) {
                return lines;
            }
        }
        throw new AssertionError("expected a line '%s', found %s".formatted(start, lines));
    }

    private static String python(List<String> lines, String command) {
        return lines.stream()
                .filter(line -> line.contains("spot.py " + command))
                .findFirst()
                .orElseThrow()
                .strip();
    }

    private String run(String line) throws Exception {
        Process process =
                new ProcessBuilder("bash", "-c", line)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void everyValueSurvivesAKilledServerAndTheStockClientDoesTheSame() throws Exception {
        List<String> said = until(start(), "Serving at ");
        String all = String.join("\n", said);
        for (String format : List.of("BDDF", "MCAP", "CSV")) {
            assertThat(all).containsPattern(format + " +7200 ticks, 5 comments, .*all as sent");
        }
        assertThat(all)
                .contains("plug        pulled: server process")
                .containsPattern("copy with one flipped bit +refused")
                .contains("Every value arrived as it was sent.")
                .doesNotContain("DIFFERS");
        assertThat(said).filteredOn(line -> line.contains(" |")).hasSize(12);
        if (!StockPython.isThere()) {
            return; // StockPython has refused this where the package has to be there.
        }
        run(python(said, "record"));
        assertThat(run(python(said, "query")))
                .contains("the arm is warm")
                .contains("minute 1 of the recording")
                .contains("demo:highest");
        run(python(said, "download"));
        assertThat(LogReadBack.bddf(directory.resolve("from-python.bddf")).ticks()).hasSize(7200);
    }

    @Test
    void aFileThatIsNoRecordingIsRefused() {
        CLI.run("demo", "log", "--file", "/dev/null", "--exit")
                .failedWith(1, "expected a recording of");
    }

    @Test
    void aMissingADoubledAndAChangedValueAreDifferences() {
        LogContent sent = content(1, 2, 3);
        assertThat(sent.difference(content(1, 2, 3))).isEmpty();
        assertThat(sent.difference(content(3, 1, 2))).isEmpty();
        assertThat(sent.difference(content(1, 2))).contains("expected 3 ticks, found 2");
        assertThat(sent.difference(content(1, 2, 3, 3))).contains("found 4");
        assertThat(sent.difference(content(1, 1, 2, 3))).contains("sequence=2", "sequence=1");
        LogContent changed = content(1, 2);
        changed.tick(3, 3, 31);
        assertThat(sent.difference(changed)).contains("value=30", "value=31");
        LogContent more = content(1, 2, 3);
        more.comment(1, "twice");
        assertThat(sent.difference(more)).contains("comments, events or blobs");
    }

    private static LogContent content(int... sequences) {
        LogContent content = new LogContent();
        for (int each : sequences) {
            content.tick(each, each, 10 * each);
        }
        content.event(1, "e");
        content.blob(1, new byte[] {1});
        return content;
    }
}
