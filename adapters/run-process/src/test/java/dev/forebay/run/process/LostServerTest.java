package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.run.Executor;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.Program;
import dev.forebay.run.RunFolder;
import dev.forebay.run.RunOrder;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private Executor open() throws Exception {
        return ProcessExecutor.open(Settings.in(directory).withIsolation(Isolation.MARK), buffers);
    }

    @Test
    void runOfAKilledServerIsEndedAndReportedAsLost() throws Exception {
        List<Long> pids = loseServer();
        try (Executor next = open()) {
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
        try (Executor next = open()) {
            next.reconcile(List.of(), observed);
            Stragglers.assertGone(pids);
            assertThat(Files.exists(directory.resolve("1"))).isFalse();
        }
    }

    private static RunOrder order(long run, String... command) {
        return RunOrder.of(
                run, Program.of(List.of(command), List.of()), Map.of(), Duration.ofMinutes(10));
    }

    /**
     * A thousand runs that a server left at different places: ended, started, asked to end, and
     * waiting. Those that were started have processes that are gone.
     */
    @Test
    void eachOfAThousandRunsReachesItsEndOnce() throws Exception {
        List<Executor.Unfinished> left = new ArrayList<>();
        Map<Long, Outcome> expected = new HashMap<>();
        for (long run = 1; run <= 1000; run++) {
            Path of = directory.resolve(Long.toString(run));
            Optional<String> canceled = Optional.empty();
            Outcome outcome;
            if (run % 50 == 0) {
                outcome = Outcome.exited((int) (run % 100 / 50)); // It executes now.
            } else if (run % 3 == 0) {
                outcome = Outcome.exited(7);
                Files.createDirectory(of);
                Files.writeString(
                        of.resolve("outcome"),
                        "Failed\n1970-01-01T00:00:00Z\nMain exited with code 7");
            } else if (run % 3 == 1) {
                outcome = Outcome.serverLost();
                Files.createDirectory(of);
                new RunDirectory(new RunFolder(of))
                        .write(RunRecord.fresh("another start of the system"));
            } else {
                canceled = Optional.of("enough");
                outcome = Outcome.canceled("enough");
            }
            expected.put(run, outcome);
            left.add(
                    new Executor.Unfinished(
                            order(run, "sh", "-c", "exit " + run % 100 / 50), canceled));
        }
        try (Executor next = open()) {
            next.reconcile(left, observed);
            for (long run = 1; run <= 1000; run++) {
                assertThat(observed.awaitEnd(run)).as("run %d", run).isEqualTo(expected.get(run));
            }
        }
        for (long run = 1; run <= 1000; run++) {
            assertThat(observed.of(run))
                    .as("run %d", run)
                    .filteredOn(Observation.Ended.class::isInstance)
                    .hasSize(1);
        }
    }
}
