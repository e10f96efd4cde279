package dev.forebay.run.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.LockedException;
import dev.forebay.blob.testing.FaultyContainer;
import dev.forebay.run.Executor;
import dev.forebay.run.LogLimits;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.Outcome;
import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.Resources;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunStatus;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.Observed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is special about runs as processes; the mark alone holds them together here. */
class ProcessesTest {
    private final Buffers buffers = new Buffers();
    private final Observed observed = new Observed();

    @TempDir private Path directory;

    private Executor open() throws Exception {
        return open(settings());
    }

    private Executor open(ProcessSettings settings) throws Exception {
        return ProcessExecutor.open(settings, buffers);
    }

    private ProcessSettings settings() {
        return Settings.in(directory.resolve("runs")).withIsolation(Isolation.MARK);
    }

    private static RunOrder order(long run, Program program) {
        Map<String, String> arguments =
                program.parameters().stream()
                        .collect(Collectors.toMap(Parameter::name, p -> run + "-" + p.name()));
        return RunOrder.of(run, program, arguments, Duration.ofMinutes(5));
    }

    private static RunOrder order(long run, String script, Parameter... parameters) {
        return order(run, Program.of(List.of("sh", "-c", script), List.of(parameters)));
    }

    private static List<String> log(Executor executor, long run) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        try (LogReader reader = executor.logs(run, LogQuery.ALL.following())) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                lines.add(new String(line.text(), StandardCharsets.UTF_8));
            }
        }
        return lines;
    }

    private static String firstLine(Executor executor, long run) throws InterruptedException {
        try (LogReader reader = executor.logs(run, LogQuery.ALL.following())) {
            LogLine line = Objects.requireNonNull(reader.next(), "the log is empty");
            return new String(line.text(), StandardCharsets.UTF_8);
        }
    }

    private static void assertGone(List<String> pids) throws Exception {
        Stragglers.assertGone(pids.stream().map(Long::valueOf).toList());
    }

    @Test
    void daemonisedGrandchildEndsWithItsRun() throws Exception {
        try (Executor executor = open()) {
            // The grandchild leaves group, session and parent, and holds no pipe of the run.
            executor.start(
                    order(
                            1,
                            """
                            (setsid sh -c 'echo $$ > pid; exec sleep 1000' </dev/null >/dev/null 2>&1 &)
                            until [ -s pid ]; do sleep 0.01; done
                            cat pid
                            """),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertGone(log(executor, 1));
        }
    }

    @Test
    void executableThatChangesWhileItRunsIsNotKnown() throws Exception {
        Path changing = executable("changing", "#!/bin/sh\necho '#' >> \"$0\"\n");
        Path steady = executable("steady", "#!/bin/sh\nexit 0\n");
        try (Executor executor = open()) {
            Optional<String> before =
                    executor.digest(Program.of(List.of(changing.toString()), List.of()));
            executor.start(order(1, Program.of(List.of(changing.toString()), List.of())), observed);
            executor.start(order(2, Program.of(List.of(steady.toString()), List.of())), observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
            assertThat(observed.end(1).program()).isEmpty();
            assertThat(observed.end(2).program()).isPresent();
            assertThat(executor.digest(Program.of(List.of(changing.toString()), List.of())))
                    .isPresent()
                    .isNotEqualTo(before);
        }
    }

    private Path executable(String name, String text) throws Exception {
        Path file = Files.writeString(directory.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    @Test
    void executableThatIsNotFoundForSureIsNotKnown() throws Exception {
        try (Executor executor = open()) {
            for (String word : List.of("./sh", "no-such-command", "$(IN_PIPE)", "/tmp")) {
                assertThat(executor.digest(Program.of(List.of(word), List.of())))
                        .as(word)
                        .isEmpty();
            }
            Program shell = Program.of(List.of("sh"), List.of());
            assertThat(executor.digest(shell)).isPresent();
            assertThat(executor.digest(shell.withEnv(Map.of("PATH", "bin:/bin")))).isEmpty();
        }
    }

    @Test
    void childrenThatHoldPipesAndLogEndWithTheProgram() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            """
                            echo done > "$OUT_PIPE"
                            sh -c 'exec 3>"$OUT_PIPE"; echo $$; : > said; exec sleep 1000' &
                            sleep 1000 &
                            until [ -e said ]; do sleep 0.01; done
                            """,
                            Parameter.output("out")),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(buffers.read("1-out")).asString().isEqualTo("done\n");
            assertGone(log(executor, 1));
        }
    }

    @Test
    void processIsEndedOnlyIfItsStartTimeIsThatOfTheRecord() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        try {
            ProcessTable.Id id = ProcessTable.find(stranger.pid()).orElseThrow().id();
            RunRecord record = RunRecord.fresh(ProcessTable.boot());
            ProcessTable.Id reused = new ProcessTable.Id(id.pid(), id.start() - 1);
            new RunProcesses(record.withSupervisor(reused), Optional.empty()).kill(Clock.system());
            assertThat(stranger.isAlive()).isTrue();
            RunRecord otherBoot = RunRecord.fresh("another").withSupervisor(id);
            new RunProcesses(otherBoot, Optional.empty()).kill(Clock.system());
            assertThat(stranger.isAlive()).isTrue();
            new RunProcesses(record.withSupervisor(id), Optional.empty()).kill(Clock.system());
            assertThat(stranger.waitFor()).isEqualTo(128 + 9);
        } finally {
            stranger.destroyForcibly().waitFor();
        }
    }

    @Test
    void programGetsItsEnvironmentAndThreeDescriptorsOnly() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            Program.of(List.of("env"), List.of(Parameter.input("in-x")))
                                    .withEnv(Map.of("A", "1"))),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(executor, 1).stream().map(line -> line.split("=", 2)[0]))
                    .containsExactlyInAnyOrder("A", "IN-X_PIPE", RunRecord.VARIABLE);
            executor.start(
                    order(2, Program.of(List.of("ls", "/proc/self/fd"), List.of())), observed);
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
            // The fourth is the directory that ls itself reads.
            assertThat(log(executor, 2)).containsExactly("0", "1", "2", "3");
        }
    }

    @Test
    void filesAreTheOwnersAlone() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            "cd ..; stat -c '%a %n' . record program.sh log log.pipe pipes/in.pipe; pwd",
                            Parameter.input("in")),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(executor, 1))
                    .containsExactly(
                            "700 .",
                            "600 record",
                            "600 program.sh",
                            "600 log",
                            "600 log.pipe",
                            "600 pipes/in.pipe",
                            directory.resolve("runs/1").toRealPath().toString());
            Path run = directory.resolve("runs/1");
            assertThat(run.resolve("log.pipe")).doesNotExist();
            assertThat(run.resolve("pipes")).doesNotExist();
            assertThat(run.resolve("work")).doesNotExist();
            executor.forget(1);
            assertThat(run).doesNotExist();
        }
    }

    @Test
    void limitOfMemoryIsEnforced() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            Program.of(List.of("sh", "-c", "ulimit -v; ulimit -c"), List.of())
                                    .withResources(
                                            Resources.UNSPECIFIED.withMemoryLimit(1L << 30))),
                    observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(executor, 1)).containsExactly("1048576", "0");
        }
    }

    @Test
    void floodOfTheLogIsBoundedAndDoesNotBlockTheProgram() throws Exception {
        ProcessSettings settings =
                settings()
                        .withHost(host ->
                                host.withLog(new LogLimits(ByteSize.ofMiB(1), ByteSize.ofMiB(2))));
        try (Executor executor = open(settings)) {
            executor.start(order(1, "head -c 104857600 /dev/zero"), observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            List<String> lines = log(executor, 1);
            assertThat(lines).hasSize(2);
            assertThat(lines.getFirst()).hasSize(1 << 20);
            assertThat(lines.getLast()).contains("dropped").contains("2 MiB");
            assertThat(Files.size(directory.resolve("runs/1/log"))).isLessThan(2 << 20);
        }
    }

    @Test
    void logHoldsBothStreamsInTheOrderInWhichTheyWereWritten() throws Exception {
        try (Executor executor = open()) {
            executor.start(order(1, "echo one; echo two >&2; printf three"), observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(executor, 1)).containsExactly("one", "two", "three");
        }
    }

    @Test
    void programIsAskedToEndBeforeItIsKilled() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            "trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.05; done"),
                    observed);
            assertThat(firstLine(executor, 1)).isEqualTo("ready");
            executor.cancel(1, "by user");
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("by user"));
            assertThat(log(executor, 1)).contains("asked");
        }
    }

    @Test
    void programThatWillNotEndIsKilledAfterTheGrace() throws Exception {
        try (Executor executor =
                open(settings().withHost(host -> host.withGrace(Duration.ofMillis(200))))) {
            executor.start(
                    order(1, "trap '' TERM; echo $$; while :; do sleep 0.05; done"), observed);
            String pid = firstLine(executor, 1);
            executor.cancel(1, "by user");
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("by user"));
            assertGone(List.of(pid));
        }
    }

    @Test
    void runsBeyondTheLimitWaitAndCanBeCanceled() throws Exception {
        try (Executor executor = open(settings().withHost(host -> host.withMostRunning(1)))) {
            executor.start(
                    order(1, "echo ready; cat \"$IN_PIPE\"", Parameter.input("in")), observed);
            executor.start(order(2, "true", Parameter.output("out")), observed);
            executor.start(order(3, "true"), observed);
            assertThat(firstLine(executor, 1)).isEqualTo("ready");
            executor.cancel(2, "by user");
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.canceled("by user"));
            assertThat(buffers.end("2-out")).isEqualTo("failed");
            assertThat(observed.state(3).status()).isEqualTo(RunStatus.PENDING);
            executor.cancel(1, "by user");
            assertThat(observed.awaitEnd(3)).isEqualTo(Outcome.exited(0));
        }
    }

    /** The program of the first runs when the cancel comes, that of the second has ended. */
    @Test
    void cancelIsNotHeldUpByTheContainerOfAnOutput() throws Exception {
        FaultyContainer first = buffers.slow("1-out");
        FaultyContainer second = buffers.slow("2-out");
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            "echo much > \"$OUT_PIPE\"; echo ready; sleep 1000",
                            Parameter.output("out")),
                    observed);
            executor.start(
                    order(2, "echo much > \"$OUT_PIPE\"; echo $$", Parameter.output("out")),
                    observed);
            first.awaitHeldPuts(1);
            second.awaitHeldPuts(1);
            awaitGone(Long.parseLong(firstLine(executor, 2)));
            assertThat(firstLine(executor, 1)).isEqualTo("ready");
            executor.cancel(1, "by user");
            executor.cancel(2, "by user");
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("by user"));
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.canceled("by user"));
        }
        first.letPutsGo();
        second.letPutsGo();
        assertThat(buffers.end("1-out")).isNotEqualTo("complete");
        assertThat(buffers.end("2-out")).isNotEqualTo("complete");
    }

    private static void awaitGone(long pid) throws Exception {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isPresent()) {
            ProcessHandle _ = process.get().onExit().get();
        }
    }

    @Test
    void plannedStopLetsProgramsEndAndStartsNoMore() throws Exception {
        Executor executor = open(settings().withHost(host -> host.withMostRunning(1)));
        try (executor) {
            executor.start(
                    order(1, "echo ready; cat \"$IN_PIPE\"", Parameter.input("in")), observed);
            executor.start(order(2, "true"), observed);
            assertThat(firstLine(executor, 1)).isEqualTo("ready");
            buffers.write("1-in", Buffers.bytes(10));
            executor.drain(Duration.ofMinutes(2));
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThatThrownBy(() -> executor.start(order(3, "true"), observed))
                    .hasMessageContaining("stopping");
        }
        assertThat(observed.state(2).status()).isEqualTo(RunStatus.PENDING);
        try (Executor next = open()) {
            next.reconcile(
                    List.of(new Executor.Unfinished(order(2, "true"), Optional.empty())), observed);
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
        }
    }

    @Test
    void closeEndsWhatRunsAsLost() throws Exception {
        try (Executor executor = open()) {
            executor.start(order(1, "echo ready; sleep 1000", Parameter.output("out")), observed);
            assertThat(firstLine(executor, 1)).isEqualTo("ready");
        }
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.serverLost());
        assertThat(buffers.end("1-out")).isEqualTo("failed");
    }

    @Test
    void followerOfAWaitingRunEndsWithTheExecutor() throws Exception {
        Executor executor = open(settings().withHost(host -> host.withMostRunning(1)));
        try (executor) {
            executor.start(order(1, "sleep 1000"), observed);
            executor.start(order(2, "true"), observed);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                    LogReader reader = executor.logs(2, LogQuery.ALL.following())) {
                Future<LogLine> next = threads.submit(reader::next);
                executor.close();
                assertThat(next.get()).isNull();
            }
        }
        assertThat(observed.of(2)).isEmpty();
    }

    @Test
    void endThatNoWatcherTookIsReportedByTheNextExecutor() throws Exception {
        RunOrder order = order(1, "echo kept");
        try (Executor executor = open()) {
            executor.start(
                    order,
                    (run, observation) -> {
                        throw new IllegalStateException("the database is away");
                    });
            assertThat(log(executor, 1)).containsExactly("kept");
        }
        try (Executor next = open()) {
            next.reconcile(List.of(new Executor.Unfinished(order, Optional.empty())), observed);
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(next, 1)).containsExactly("kept");
        }
    }

    @Test
    void directoryHasOneExecutor() throws Exception {
        try (Executor _ = open()) {
            assertThatThrownBy(this::open).isInstanceOf(LockedException.class);
        }
    }
}
