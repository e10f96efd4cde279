package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Outcome;
import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As whom programs run. */
class UserTest {
    private final Buffers buffers = new Buffers();

    @TempDir private Path directory;

    private static boolean isRoot() throws Exception {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    @Test
    void rootMustNameTheUserOfItsPrograms() throws Exception {
        assumeTrue(isRoot(), "only root is asked for a user");
        assertThatThrownBy(() -> ProcessExecutor.open(ProcessSettings.in(directory), buffers))
                .isInstanceOf(RunRefusedException.class)
                .hasMessageContaining("--executor-user");
    }

    @Test
    void userThatDoesNotExistIsRefused() {
        assertThatThrownBy(() ->
                        ProcessExecutor.open(
                                ProcessSettings.in(directory).withUser("no such user"), buffers))
                .isInstanceOf(RunRefusedException.class)
                .hasMessageContaining("no such user");
    }

    @Test
    void onlyRootCanRunProgramsAsAnotherUser() throws Exception {
        assumeTrue(!isRoot(), "root can");
        assertThatThrownBy(() ->
                        ProcessExecutor.open(
                                ProcessSettings.in(directory).withUser("root"), buffers))
                .isInstanceOf(RunRefusedException.class)
                .hasMessageContaining("only a server of root");
    }

    @Test
    void programOfRootRunsAsTheNamedUser() throws Exception {
        assumeTrue(isRoot(), "only root can run programs as another user");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        Observed observed = new Observed();
        ProcessSettings settings = Settings.in(directory.resolve("runs")).withUser("nobody");
        try (Executor executor = ProcessExecutor.open(settings, buffers)) {
            buffers.write("1-in", Buffers.bytes(100_000));
            String script = "id -un; : > mine && cat \"$IN_PIPE\" > \"$OUT_PIPE\"; cat ../record";
            executor.start(
                    RunOrder.of(
                            1,
                            Program.of(
                                    List.of("sh", "-c", script),
                                    List.of(Parameter.input("in"), Parameter.output("out"))),
                            Map.of("in", "1-in", "out", "1-out"),
                            Duration.ofMinutes(5)),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(1));
            try (LogReader log = executor.logs(1, LogQuery.ALL)) {
                LogLine line = Objects.requireNonNull(log.next());
                assertThat(new String(line.text(), StandardCharsets.UTF_8)).isEqualTo("nobody");
                line = Objects.requireNonNull(log.next());
                assertThat(new String(line.text(), StandardCharsets.UTF_8))
                        .contains("record")
                        .contains("denied");
            }
            assertThat(buffers.end("1-out")).isEqualTo("failed");
        }
    }
}
