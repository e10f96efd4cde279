package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.run.Executor;
import dev.forebay.run.Outcome;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next executor does after a server was killed. */
class LostServerTest {
    private final Buffers buffers = new Buffers();
    private final Observed observed = new Observed();

    @TempDir private Path directory;

    /** Kills a server in the middle of its run; gives the numbers of the run's three processes. */
    private List<Long> loseServer() throws Exception {
        Process server =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LostServer.class.getName(),
                                directory.toString(),
                                Isolation.MARK.name())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<Long> pids = new ArrayList<>();
        try (BufferedReader output = server.inputReader()) {
            for (int i = 0; i < 3; i++) {
                pids.add(Long.parseLong(Objects.requireNonNull(output.readLine())));
            }
        } finally {
            server.destroyForcibly().waitFor();
        }
        return pids;
    }

    private ProcessExecutor open() throws Exception {
        return ProcessExecutor.open(Settings.in(directory).withIsolation(Isolation.MARK), buffers);
    }

    @Test
    void runOfAKilledServerIsEndedAndReportedAsLost() throws Exception {
        List<Long> pids = loseServer();
        try (ProcessExecutor next = open()) {
            next.reconcile(
                    List.of(new Executor.Unfinished(LostServer.order(), Optional.empty())),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.serverLost());
        }
        Stragglers.assertGone(pids);
        assertThat(buffers.end("1-out")).isEqualTo("failed");
        assertThat(directory.resolve("1/pipes")).doesNotExist();
        assertThat(directory.resolve("1/log")).exists();
    }

    @Test
    void runThatTheNextServerDoesNotKnowIsEndedAndRemoved() throws Exception {
        List<Long> pids = loseServer();
        try (ProcessExecutor next = open()) {
            next.reconcile(List.of(), observed);
            Stragglers.assertGone(pids);
            assertThat(Files.exists(directory.resolve("1"))).isFalse();
        }
    }
}
