package dev.forebay.run.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.LockedException;
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
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.RunStatus;
import dev.forebay.run.SocketPort;
import dev.forebay.run.oci.testing.RealEngine;
import dev.forebay.run.testing.Buffers;
import dev.forebay.run.testing.FedChannel;
import dev.forebay.run.testing.Observed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What is special about runs as containers, and their bad days, with a real engine. */
class ContainersTest {
    @RegisterExtension static final RealEngine ENGINE = new RealEngine();

    private final Buffers buffers = new Buffers();
    private final Observed observed = new Observed();

    @TempDir private Path directory;

    private OciSettings settings() {
        return Settings.of(ENGINE, directory);
    }

    private Executor open() throws Exception {
        return open(settings());
    }

    private Executor open(OciSettings settings) throws Exception {
        return OciExecutor.open(settings, buffers);
    }

    private static RunOrder order(long run, Program program) {
        Map<String, String> arguments =
                program.parameters().stream()
                        .collect(Collectors.toMap(Parameter::name, p -> run + "-" + p.name()));
        return RunOrder.of(run, program, arguments, Duration.ofMinutes(5));
    }

    private static RunOrder order(long run, String script, Parameter... parameters) {
        return order(run, Images.program(RealEngine.IMAGE, script, parameters));
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

    private static void awaitLine(Executor executor, long run, String wanted)
            throws InterruptedException {
        try (LogReader reader = executor.logs(run, LogQuery.ALL.following())) {
            String text;
            do {
                LogLine line = Objects.requireNonNull(reader.next(), "the log has ended");
                text = new String(line.text(), StandardCharsets.UTF_8);
            } while (!text.equals(wanted));
        }
    }

    /** The ID of the container of a run; empty if there is none. */
    private String container(long run) throws Exception {
        String server = Files.readString(directory.resolve("identity")).strip();
        return ENGINE.podman(
                "ps",
                "--all",
                "--quiet",
                "--filter",
                "label=dev.forebay.server=" + server,
                "--filter",
                "label=dev.forebay.run=" + run);
    }

    @Test
    void programHasNoRightsNoNetworkAndBoundsOnWhatItTakes() throws Exception {
        String script =
                """
                grep -E '^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs)' /proc/self/status
                id -u; id -g
                tail -n +3 /proc/net/dev | grep -v ' lo:' | wc -l
                touch /x 2>/dev/null || touch /run/forebay/x 2>/dev/null || echo read-only
                touch /tmp/x && echo scratch
                cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null
                cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2>/dev/null
                """;
        Program program =
                Images.program(RealEngine.IMAGE, script)
                        .withResources(Resources.UNSPECIFIED.withMemoryLimit(64 << 20));
        try (Executor executor = open()) {
            executor.start(order(1, program), observed);
            observed.awaitEnd(1);
            assertThat(log(executor, 1))
                    .containsExactly(
                            "CapInh:\t0000000000000000",
                            "CapPrm:\t0000000000000000",
                            "CapEff:\t0000000000000000",
                            "CapBnd:\t0000000000000000",
                            "CapAmb:\t0000000000000000",
                            "NoNewPrivs:\t1",
                            "65534",
                            "65534",
                            "0",
                            "read-only",
                            "scratch",
                            Integer.toString(64 << 20),
                            "512");
        }
    }

    @Test
    void missingImageFailsTheRunWithTheNameOfThePolicy() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(1, Images.program("localhost/none:1", "true", Parameter.output("out"))),
                    observed);
            Outcome outcome = observed.awaitEnd(1);
            assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
            assertThat(outcome.reason().orElseThrow())
                    .contains("image localhost/none:1 is not on this machine")
                    .contains("pull policy is never");
            assertThat(buffers.end("1-out")).isEqualTo("failed");
            assertThat(observed.state(1).startedAt()).isEmpty();
        }
    }

    /** Nothing listens at port 1 of this machine. */
    @Test
    void imageThatCannotBePulledFailsTheRunWithTheReasonOfTheEngine() throws Exception {
        try (Executor executor = open(settings().withPull(PullPolicy.MISSING))) {
            executor.start(order(1, Images.program("localhost:1/none:1", "true")), observed);
            Outcome outcome = observed.awaitEnd(1);
            assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
            assertThat(outcome.reason().orElseThrow())
                    .contains("image localhost:1/none:1 could not be pulled")
                    .contains("pull policy is missing")
                    .contains("connection refused");
            executor.start(order(2, "true"), observed);
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
        }
    }

    @Test
    void programBeyondItsMemoryLimitFailsWithTheLimit() throws Exception {
        Program program =
                Images.program(RealEngine.IMAGE, "tail /dev/zero")
                        .withResources(Resources.UNSPECIFIED.withMemoryLimit(32 << 20));
        try (Executor executor = open()) {
            executor.start(order(1, program), observed);
            Outcome outcome = observed.awaitEnd(1);
            assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
            assertThat(outcome.reason().orElseThrow())
                    .contains("137")
                    .contains("memory limit", "32 MiB");
        }
    }

    @Test
    void containerThatSomethingElseRemovesFailsItsRun() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            "echo much > $OUT_PIPE; echo ready; sleep 1000",
                            Parameter.output("out")),
                    observed);
            awaitLine(executor, 1, "ready");
            ENGINE.podman("rm", "--force", "--time", "0", container(1));
            Outcome outcome = observed.awaitEnd(1);
            assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
            assertThat(buffers.end("1-out")).isEqualTo("failed");
        }
    }

    @Test
    void floodOfTheLogIsBoundedHereAndAtTheEngine() throws Exception {
        LogLimits limits = new LogLimits(ByteSize.ofMiB(1), ByteSize.ofMiB(2));
        String flood =
                """
                head -c 31457280 /dev/zero
                echo done > "$OUT_PIPE"
                cat "$IN_PIPE"
                """;
        FedChannel output = new FedChannel();
        try (Executor executor = open(settings().withHost(host -> host.withLog(limits)));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            executor.start(
                    order(1, flood, Parameter.input("in"), Parameter.output("out")), observed);
            Future<?> reader = threads.submit(() -> buffers.read("1-out", output));
            assertThat(output.await(4)).asString().isEqualTo("done");
            assertThat(ENGINE.logSizes())
                    .isNotEmpty()
                    .allSatisfy(size -> assertThat(size).isLessThan(7 << 20));
            buffers.write("1-in", Buffers.bytes(10));
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            reader.get();
            List<String> lines = log(executor, 1);
            assertThat(lines.getFirst()).hasSize(1 << 20);
            assertThat(lines.getLast()).contains("dropped").contains("2 MiB");
        }
    }

    @Test
    void containersOutliveTheirServerAndAreAdopted() throws Exception {
        RunOrder runsOn =
                order(
                        1,
                        "echo once; until [ -e /tmp/away ]; do sleep 0.05; done; echo away; until [ -e /tmp/end ]; do sleep 0.05; done; echo end");
        RunOrder endsAway =
                order(
                        2,
                        "echo ready; until [ -e /tmp/end ]; do sleep 0.05; done; echo bye; exit 3");
        try (Executor executor = open()) {
            executor.start(runsOn, observed);
            executor.start(endsAway, observed);
            awaitLine(executor, 1, "once");
            awaitLine(executor, 2, "ready");
        }
        assertThat(observed.state(1).status()).isEqualTo(RunStatus.RUNNING);
        ENGINE.podman("exec", container(1), "touch", "/tmp/away");
        ENGINE.podman("exec", container(2), "touch", "/tmp/end");
        ENGINE.podman("wait", container(2));
        try (Executor next = open()) {
            next.reconcile(
                    List.of(
                            new Executor.Unfinished(runsOn, Optional.empty()),
                            new Executor.Unfinished(endsAway, Optional.empty())),
                    observed);
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.failed("Main exited with code 3"));
            assertThat(log(next, 2)).containsExactly("ready", "bye");
            awaitLine(next, 1, "away");
            ENGINE.podman("exec", container(1), "touch", "/tmp/end");
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(log(next, 1)).containsExactly("once", "away", "end");
            assertThat(container(1)).isEmpty();
        }
    }

    @Test
    void runWithBuffersIsLostWithItsServer() throws Exception {
        try (Executor executor = open()) {
            executor.start(order(1, "echo ready; sleep 1000", Parameter.output("out")), observed);
            awaitLine(executor, 1, "ready");
        }
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.serverLost());
        assertThat(buffers.end("1-out")).isEqualTo("failed");
        assertThat(container(1)).isEmpty();
    }

    @Test
    void containerOfARunThatTheNextServerDoesNotKnowIsRemoved() throws Exception {
        try (Executor executor = open()) {
            executor.start(order(1, "echo ready; sleep 1000"), observed);
            awaitLine(executor, 1, "ready");
        }
        assertThat(container(1)).isNotEmpty();
        try (Executor other =
                OciExecutor.open(Settings.of(ENGINE, directory.resolve("other")), buffers)) {
            other.reconcile(List.of(), observed);
            other.start(order(2, "true"), observed);
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
        }
        assertThat(container(1)).as("another server's").isNotEmpty();
        Executor next = open();
        next.reconcile(List.of(), observed);
        next.close();
        assertThat(container(1)).isEmpty();
        assertThat(directory.resolve("1")).doesNotExist();
    }

    @Test
    void engineThatIsAwayIsWaitedFor() throws Exception {
        try (Executor executor = open()) {
            executor.start(
                    order(
                            1,
                            "echo ready; until [ -e /tmp/end ]; do sleep 0.05; done; echo end; exit 4"),
                    observed);
            awaitLine(executor, 1, "ready");
            ENGINE.stop();
            try {
                executor.start(order(2, "echo later"), observed);
                executor.start(order(3, "echo never", Parameter.output("out")), observed);
                executor.cancel(3, "Canceled by user");
                assertThat(observed.awaitEnd(3)).isEqualTo(Outcome.canceled("Canceled by user"));
                assertThat(buffers.end("3-out")).isEqualTo("failed");
                assertThat(observed.state(1).status()).isEqualTo(RunStatus.RUNNING);
                assertThat(observed.state(2).status()).isEqualTo(RunStatus.PENDING);
                ENGINE.podman("exec", container(1), "touch", "/tmp/end");
            } finally {
                ENGINE.start();
            }
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.failed("Main exited with code 4"));
            assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
        }
    }

    @Test
    void whatAContainerCannotBeIsRefused() throws Exception {
        try (Executor executor = open()) {
            RunOrder without = order(1, Program.of(List.of("true"), List.of()));
            assertThatThrownBy(() -> executor.check(without))
                    .isInstanceOf(RunRefusedException.class)
                    .hasMessageContaining("image");
            assertThatThrownBy(this::open).isInstanceOf(LockedException.class);
            assertNoSockets(executor, "no network to offer", "have none");
        }
        try (Executor executor = open(settings().withNetwork("podman"))) {
            assertNoSockets(executor, "no port", "the network 'podman'");
        }
    }

    private static void assertNoSockets(Executor executor, String... why) {
        Program program = Images.program(RealEngine.IMAGE, "true", Parameter.input("in"));
        SocketPort port = new SocketPort(80, Optional.of("in"), Optional.empty());
        assertThatThrownBy(() -> executor.check(order(1, program.withSockets(List.of(port)))))
                .isInstanceOf(RunRefusedException.class)
                .hasMessageContainingAll(why);
    }
}
