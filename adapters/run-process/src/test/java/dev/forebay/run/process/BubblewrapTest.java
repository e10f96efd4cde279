package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Outcome;
import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.RunOrder;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What bubblewrap adds. Skipped where it is not installed, unless {@code FOREBAY_REQUIRE_CLIENTS}
 * is set, as it is in CI.
 */
class BubblewrapTest {
    private final Buffers buffers = new Buffers();

    @TempDir private Path directory;

    @Test
    void programDoesNotSeeTheHiddenDirectory() throws Exception {
        assumeTrue(
                System.getenv("FOREBAY_REQUIRE_CLIENTS") != null
                        || Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                                .anyMatch(path -> Files.isExecutable(Path.of(path, "bwrap"))),
                "bubblewrap is not installed");
        Files.writeString(directory.resolve("secret"), "key");
        buffers.write("1-in", Buffers.bytes(100_000));
        Observed observed = new Observed();
        ProcessSettings settings =
                Settings.in(directory.resolve("runs"))
                        .withHidden(directory)
                        .withIsolation(Isolation.BUBBLEWRAP);
        try (Executor executor = ProcessExecutor.open(settings, buffers)) {
            String script = "ls '" + directory + "'; cat \"$IN_PIPE\" > \"$OUT_PIPE\"";
            executor.start(
                    RunOrder.of(
                            1,
                            Program.of(
                                    List.of("sh", "-c", script),
                                    List.of(Parameter.input("in"), Parameter.output("out"))),
                            Map.of("in", "1-in", "out", "1-out"),
                            Duration.ofMinutes(5)),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(buffers.read("1-out")).isEqualTo(Buffers.bytes(100_000));
            try (LogReader log = executor.logs(1, LogQuery.ALL)) {
                LogLine line = Objects.requireNonNull(log.next());
                assertThat(new String(line.text(), StandardCharsets.UTF_8)).isEqualTo("runs");
                assertThat(log.next()).isNull();
            }
        }
    }
}
