package dev.forebay.run.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.run.Executor;
import dev.forebay.run.LogLine;
import dev.forebay.run.LogQuery;
import dev.forebay.run.LogReader;
import dev.forebay.run.NoSuchRunException;
import dev.forebay.run.Outcome;
import dev.forebay.run.Parameter;
import dev.forebay.run.Program;
import dev.forebay.run.Relay;
import dev.forebay.run.RelayException;
import dev.forebay.run.RelayId;
import dev.forebay.run.Resources;
import dev.forebay.run.RunOrder;
import dev.forebay.run.RunRefusedException;
import dev.forebay.run.RunStatus;
import dev.forebay.run.SocketPort;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every executor must do. Programs are scripts for a POSIX shell with {@code cat}, {@code
 * head} and {@code dd} beside it.
 */
public abstract class ExecutorContract {
    protected static final Duration TIMEOUT = Duration.ofMinutes(5);

    protected final Buffers buffers = new Buffers();
    protected final Observed observed = new Observed();

    @TempDir protected Path temporary;
    protected Executor executor;

    /** Opens an executor that keeps what it needs in the directory. */
    protected abstract Executor open(Path directory) throws Exception;

    @BeforeEach
    void openExecutor() throws Exception {
        executor = open(temporary.resolve("runs"));
    }

    @AfterEach
    void closeExecutor() {
        executor.close();
    }

    /** What programs are executed in, by an executor that uses images. */
    protected Optional<String> image() {
        return Optional.empty();
    }

    /** A program in the {@link #image}. */
    protected Program program(List<String> command, Parameter... parameters) {
        return new Program(
                image(),
                command,
                List.of(),
                Map.of(),
                Optional.empty(),
                List.of(parameters),
                List.of(),
                Resources.UNSPECIFIED,
                Optional.empty());
    }

    /** A program that runs the script. */
    protected Program script(String script, Parameter... parameters) {
        return program(List.of("sh", "-c", script), parameters);
    }

    /** An order whose buffers are named after run and parameter, such as {@code 1-in}. */
    protected static RunOrder order(long run, Program program) {
        Map<String, String> arguments =
                program.parameters().stream()
                        .collect(Collectors.toMap(Parameter::name, p -> run + "-" + p.name()));
        return RunOrder.of(run, program, arguments, TIMEOUT);
    }

    protected Outcome execute(RunOrder order) throws InterruptedException {
        executor.start(order, observed);
        return observed.awaitEnd(order.run());
    }

    protected Outcome execute(long run, String script, Parameter... parameters)
            throws InterruptedException {
        return execute(order(run, script(script, parameters)));
    }

    /** The lines of the log, those that were divided joined. */
    protected String log(long run) throws InterruptedException {
        StringBuilder text = new StringBuilder();
        try (LogReader reader = executor.logs(run, LogQuery.ALL.following())) {
            for (LogLine line = reader.next(); line != null; line = reader.next()) {
                text.append(new String(line.text(), StandardCharsets.UTF_8));
                text.append(line.whole() ? "\n" : "");
            }
        }
        return text.toString();
    }

    private static String text(LogReader reader) throws InterruptedException {
        LogLine line = Objects.requireNonNull(reader.next(), "the log has ended");
        return new String(line.text(), StandardCharsets.UTF_8);
    }

    @Test
    void bytesOfInputReachOutputUnchanged() throws InterruptedException {
        byte[] bytes = Buffers.bytes(5_000_000);
        buffers.write("1-in", bytes);
        Outcome outcome =
                execute(
                        1,
                        "cat \"$IN_PIPE\" > \"$OUT_PIPE\"",
                        Parameter.input("in"),
                        Parameter.output("out"));
        assertThat(outcome).isEqualTo(Outcome.exited(0));
        assertThat(buffers.end("1-out")).isEqualTo("complete");
        assertThat(buffers.read("1-out")).isEqualTo(bytes);
        assertThat(observed.state(1).startedAt()).isPresent();
    }

    @Test
    void inputReachesProgramAndOutputReaderWhileTheyAreWritten() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                FedChannel input = new FedChannel()) {
            Future<?> writer = threads.submit(() -> buffers.write("1-in", input));
            FedChannel output = new FedChannel();
            Future<?> reader = threads.submit(() -> buffers.read("1-out", output));
            executor.start(
                    order(
                            1,
                            script(
                                    "cat \"$IN_PIPE\" > \"$OUT_PIPE\"",
                                    Parameter.input("in"),
                                    Parameter.output("out"))),
                    observed);
            for (String word : List.of("first", "second")) {
                input.feed(word.getBytes(StandardCharsets.UTF_8));
                assertThat(output.await(word.length())).asString().isEqualTo(word);
                assertThat(buffers.end("1-out")).isEqualTo("open");
            }
            input.end();
            writer.get();
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            reader.get();
            assertThat(buffers.end("1-out")).isEqualTo("complete");
        }
    }

    @Test
    void pipesMayBeOpenedInAnyOrder() throws InterruptedException {
        buffers.write("1-a", Buffers.bytes(300_000));
        buffers.write("1-b", Buffers.bytes(400_000));
        Outcome outcome =
                execute(
                        1,
                        """
                        exec 3>"$Y_PIPE" 4>"$X_PIPE" 5<"$B_PIPE"
                        cat <&5 >&4
                        cat "$A_PIPE" >&3
                        """,
                        Parameter.input("a"),
                        Parameter.input("b"),
                        Parameter.output("x"),
                        Parameter.output("y"));
        assertThat(outcome).isEqualTo(Outcome.exited(0));
        assertThat(buffers.read("1-x")).isEqualTo(Buffers.bytes(400_000));
        assertThat(buffers.read("1-y")).isEqualTo(Buffers.bytes(300_000));
    }

    @Test
    void outputOfFailedProgramEndsFailed() throws InterruptedException {
        Outcome outcome = execute(1, "echo much > \"$OUT_PIPE\"; exit 3", Parameter.output("out"));
        assertThat(outcome).isEqualTo(Outcome.failed("Main exited with code 3"));
        assertThat(buffers.end("1-out")).isEqualTo("failed");
    }

    @Test
    void programThatIsKilledHasFailed() throws InterruptedException {
        Outcome outcome =
                execute(1, "echo much > \"$OUT_PIPE\"; kill -KILL $$", Parameter.output("out"));
        assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
        assertThat(outcome.reason().orElseThrow()).contains("137").contains("signal 9");
        assertThat(buffers.end("1-out")).isEqualTo("failed");
    }

    @Test
    void programThatOpensNoPipeEnds() throws InterruptedException {
        buffers.write("1-in", Buffers.bytes(10));
        Outcome outcome = execute(1, ":", Parameter.input("in"), Parameter.output("out"));
        assertThat(outcome).isEqualTo(Outcome.exited(0));
        assertThat(buffers.read("1-out")).isEmpty();
        assertThat(buffers.read("1-in")).isEqualTo(Buffers.bytes(10));
    }

    @Test
    void programThatLeavesItsInputUnreadSucceeds() throws InterruptedException {
        buffers.write("1-in", Buffers.bytes(8_000_000));
        Outcome outcome =
                execute(
                        1,
                        "head -c 10 \"$IN_PIPE\" > \"$OUT_PIPE\"",
                        Parameter.input("in"),
                        Parameter.output("out"));
        assertThat(outcome).isEqualTo(Outcome.exited(0));
        assertThat(buffers.read("1-out")).isEqualTo(Arrays.copyOf(Buffers.bytes(8_000_000), 10));
        assertThat(buffers.end("1-in")).isEqualTo("complete");
    }

    @Test
    void programThatWritesWithoutReadingSucceeds() throws InterruptedException {
        buffers.write("1-in", Buffers.bytes(8_000_000));
        Outcome outcome =
                execute(
                        1,
                        """
                        exec 3<"$IN_PIPE"
                        head -c 3000000 /dev/zero > "$OUT_PIPE"
                        """,
                        Parameter.input("in"),
                        Parameter.output("out"));
        assertThat(outcome).isEqualTo(Outcome.exited(0));
        assertThat(buffers.read("1-out")).isEqualTo(new byte[3_000_000]);
    }

    @Test
    void outputMayBeOpenedSeveralTimes() throws InterruptedException {
        Outcome outcome =
                execute(
                        1,
                        "echo one > \"$OUT_PIPE\"; echo two > \"$OUT_PIPE\"",
                        Parameter.output("out"));
        assertThat(outcome).isEqualTo(Outcome.exited(0));
        assertThat(buffers.read("1-out")).asString().isEqualTo("one\ntwo\n");
    }

    @Test
    void runFailsIfItsInputDoes() throws InterruptedException {
        assertThatThrownBy(() -> buffers.write("1-in", new BrokenChannel()));
        assertThat(buffers.end("1-in")).isEqualTo("failed");
        Outcome outcome =
                execute(
                        1,
                        "cat \"$IN_PIPE\" > \"$OUT_PIPE\"",
                        Parameter.input("in"),
                        Parameter.output("out"));
        assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
        assertThat(outcome.reason().orElseThrow()).startsWith("input in: ");
        assertThat(buffers.end("1-out")).isEqualTo("failed");
    }

    @Test
    void outputOfAnotherWriterIsLeftAlone() throws InterruptedException {
        buffers.write("1-out", Buffers.bytes(10));
        Outcome outcome = execute(1, "cat /dev/zero > \"$OUT_PIPE\"", Parameter.output("out"));
        assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
        assertThat(outcome.reason().orElseThrow()).startsWith("output out: ");
        assertThat(buffers.read("1-out")).isEqualTo(Buffers.bytes(10));
    }

    @Test
    void variablesAreReplacedAndTheEnvironmentIsHandedOver() throws InterruptedException {
        Program program =
                program(List.of("sh", "-c", "echo \"$1 $GREETING\"", "sh"))
                        .withEnv(Map.of("GREETING", "a 'quoted' $(NAME)\n&", "NAME", "x\"y"))
                        .withArgs(List.of("$(NAME) $$(NAME) $(UNKNOWN)"));
        assertThat(execute(order(1, program))).isEqualTo(Outcome.exited(0));
        assertThat(log(1)).isEqualTo("x\"y $(NAME) $(UNKNOWN) a 'quoted' x\"y\n&\n");
    }

    /** What was read before the next line is written comes before it. */
    @Test
    void logHoldsBothStreamsInOrderOfTime() throws InterruptedException {
        String script =
                """
                exec 3<"$IN_PIPE"
                echo one
                read -r _ <&3
                echo two >&2
                read -r _ <&3
                printf three
                """;
        FedChannel input = new FedChannel();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                input) {
            Future<?> writer = threads.submit(() -> buffers.write("1-in", input));
            executor.start(order(1, script(script, Parameter.input("in"))), observed);
            try (LogReader reader = executor.logs(1, LogQuery.ALL.following())) {
                assertThat(text(reader)).isEqualTo("one");
                input.feed("go\n".getBytes(StandardCharsets.UTF_8));
                assertThat(text(reader)).isEqualTo("two");
                input.feed("go\n".getBytes(StandardCharsets.UTF_8));
                assertThat(text(reader)).isEqualTo("three");
            }
            input.end();
            writer.get();
        } catch (ExecutionException e) {
            throw new AssertionError("the input could not be written", e);
        }
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
        assertThat(log(1)).isEqualTo("one\ntwo\nthree");
        assertThat(executor.ended()).containsExactly(1L);
        executor.forget(1);
        assertThat(executor.ended()).isEmpty();
        assertThatThrownBy(() -> executor.logs(1, LogQuery.ALL))
                .isInstanceOf(NoSuchRunException.class);
    }

    @Test
    void logIsFollowedWhileTheProgramRuns() throws InterruptedException {
        executor.start(
                order(1, script("echo ready; cat \"$IN_PIPE\"", Parameter.input("in"))), observed);
        try (LogReader reader = executor.logs(1, LogQuery.ALL.following())) {
            assertThat(text(reader)).isEqualTo("ready");
            assertThat(observed.state(1).status()).isIn(RunStatus.RUNNING, RunStatus.PENDING);
            buffers.write("1-in", "go\n".getBytes(StandardCharsets.UTF_8));
            assertThat(text(reader)).isEqualTo("go");
            assertThat(reader.next()).isNull();
        }
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
    }

    @Test
    void runThatExceedsItsTimeoutHasFailed() throws InterruptedException {
        RunOrder endless = order(1, script("cat \"$IN_PIPE\"", Parameter.input("in")));
        Outcome outcome =
                execute(
                        RunOrder.of(
                                1, endless.program(), endless.buffers(), Duration.ofSeconds(1)));
        assertThat(outcome).isEqualTo(Outcome.timedOut(Duration.ofSeconds(1)));
    }

    @Test
    void canceledProgramEndsAndItsOutputsAreFailed() throws InterruptedException {
        executor.start(
                order(
                        1,
                        script(
                                "echo much > \"$OUT_PIPE\"; echo ready; cat \"$IN_PIPE\"",
                                Parameter.input("in"),
                                Parameter.output("out"))),
                observed);
        awaitFirstLine(1);
        executor.cancel(1, "Canceled by user");
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("Canceled by user"));
        assertThat(buffers.end("1-out")).isEqualTo("failed");
        executor.cancel(1, "again");
        assertThat(observed.state(1).reason()).contains("Canceled by user");
    }

    /** Programs that say "ready" and do not end by themselves. */
    private static final List<String> ENDLESS =
            List.of(
                    "echo ready; sleep 1000",
                    "echo ready; cat \"$IN_PIPE\" > \"$OUT_PIPE\"",
                    "echo ready; cat /dev/zero > \"$OUT_PIPE\"",
                    "echo much > \"$OUT_PIPE\"; echo ready; sleep 1000",
                    "exec 3<\"$IN_PIPE\" 4>\"$OUT_PIPE\"; echo ready; sleep 1000",
                    "echo ready; while :; do echo more; done",
                    "echo ready; cat /dev/zero",
                    "sleep 1000 & sleep 1000 & echo ready; wait");

    private void startEndless() throws InterruptedException {
        for (int i = 1; i <= ENDLESS.size(); i++) {
            String script = ENDLESS.get(i - 1);
            executor.start(
                    order(i, script(script, Parameter.input("in"), Parameter.output("out"))),
                    observed);
        }
        for (int i = 1; i <= ENDLESS.size(); i++) {
            awaitFirstLine(i);
        }
    }

    private void assertEndless(Outcome outcome) throws InterruptedException {
        for (int i = 1; i <= ENDLESS.size(); i++) {
            String script = ENDLESS.get(i - 1);
            assertThat(observed.awaitEnd(i)).as(script).isEqualTo(outcome);
            assertThat(buffers.end(i + "-out")).as(script).isEqualTo("failed");
            assertThat(buffers.end(i + "-in")).as(script).isEqualTo("open");
            assertThat(temporary.resolve("runs/" + i + "/pipes")).as(script).doesNotExist();
        }
    }

    @Test
    void programIsCanceledWhateverItDoes() throws InterruptedException {
        startEndless();
        for (int i = 1; i <= ENDLESS.size(); i++) {
            executor.cancel(i, "Canceled by user");
        }
        assertEndless(Outcome.canceled("Canceled by user"));
    }

    @Test
    void programIsLostWithItsServerWhateverItDoes() throws Exception {
        startEndless();
        executor.close();
        assertEndless(Outcome.serverLost());
        executor = open(temporary.resolve("runs"));
        executor.reconcile(List.of(), observed);
        assertThat(executor.ended()).hasSize(ENDLESS.size());
        for (int i = 1; i <= ENDLESS.size(); i++) {
            assertThat(log(i)).startsWith("ready\n");
            executor.forget(i);
            assertThat(temporary.resolve("runs/" + i)).doesNotExist();
        }
    }

    @Test
    void runCanceledBeforeItsProgramStartsIsCanceled() throws InterruptedException {
        executor.start(
                order(
                        1,
                        script("cat \"$IN_PIPE\"", Parameter.input("in"), Parameter.output("out"))),
                observed);
        executor.cancel(1, "Canceled by user");
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("Canceled by user"));
        assertThat(buffers.end("1-out")).isEqualTo("failed");
    }

    @Test
    void secondOrderForARunDoesNothing() throws InterruptedException {
        execute(1, "echo once");
        executor.start(order(1, script("echo twice")), observed);
        assertThat(observed.of(1)).hasSize(2);
        assertThat(log(1)).isEqualTo("once\n");
    }

    @Test
    void commandThatDoesNotExistFailsTheRun() throws InterruptedException {
        Outcome outcome =
                execute(order(1, program(List.of("/no/such/program"), Parameter.output("out"))));
        assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
        assertThat(buffers.end("1-out")).isEqualTo("failed");
    }

    /** An order whose buffers are not stored. */
    private static RunOrder relayed(long run, Program program) {
        Map<String, String> arguments =
                program.parameters().stream()
                        .collect(
                                Collectors.toMap(
                                        Parameter::name, p -> new RelayId(run, p.name()).text()));
        return RunOrder.of(run, program, arguments, TIMEOUT);
    }

    private Relay relay(long run, String parameter) {
        return executor.relay(run, new RelayId(run, parameter).text()).orElseThrow();
    }

    /** Takes all bytes of an ephemeral output, to its end. */
    private static byte[] receive(Relay relay) throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        assertThat(relay.claimReceiving()).isTrue();
        for (ByteBuffer piece = relay.next(); piece != null; piece = relay.next()) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    @Test
    void bytesOfEphemeralBuffersGoThroughTheProgram() throws Exception {
        byte[] bytes = Buffers.bytes(3_000_000);
        RunOrder order =
                relayed(
                        1,
                        script(
                                "cat \"$IN_PIPE\" > \"$OUT_PIPE\"",
                                Parameter.input("in"),
                                Parameter.output("out")));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            executor.start(order, observed);
            Relay in = relay(1, "in");
            Relay out = relay(1, "out");
            Future<byte[]> received = threads.submit(() -> receive(out));
            assertThat(in.send(ByteBuffer.wrap(bytes))).isTrue();
            in.end();
            assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(0));
            assertThat(received.get()).isEqualTo(bytes);
        }
    }

    @Test
    void ephemeralOutputOfAProgramThatFailsHasNoEnd() throws Exception {
        RunOrder order =
                relayed(1, script("echo much > \"$OUT_PIPE\"; exit 3", Parameter.output("out")));
        executor.start(order, observed);
        Relay out = relay(1, "out");
        assertThatThrownBy(() -> receive(out)).isInstanceOf(RelayException.class);
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.exited(3));
    }

    /** A client of a run that succeeds is waited for a minute. */
    @Test
    void endedRunWaitsForNoClientOfAnEphemeralOutput() throws Exception {
        executor.start(
                relayed(1, script("echo much > \"$OUT_PIPE\"; exit 3", Parameter.output("out"))),
                observed);
        executor.start(
                relayed(
                        2,
                        script(
                                "echo much > \"$OUT_PIPE\"; echo ready; sleep 1000",
                                Parameter.output("out"))),
                observed);
        awaitFirstLine(2);
        executor.cancel(2, "Canceled by user");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Duration guard = Duration.ofSeconds(45);
            assertThat(threads.submit(() -> observed.awaitEnd(1)))
                    .succeedsWithin(guard)
                    .isEqualTo(Outcome.exited(3));
            assertThat(threads.submit(() -> observed.awaitEnd(2)))
                    .succeedsWithin(guard)
                    .isEqualTo(Outcome.canceled("Canceled by user"));
        }
    }

    @Test
    void ephemeralInputThatBreaksOffFailsTheRun() throws Exception {
        RunOrder order = relayed(1, script("cat \"$IN_PIPE\"", Parameter.input("in")));
        executor.start(order, observed);
        Relay in = relay(1, "in");
        assertThat(in.send(ByteBuffer.wrap(Buffers.bytes(10)))).isTrue();
        in.fail("its client left");
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.failed("input in: its client left"));
    }

    @Test
    void successSaysWhatWasExecuted() throws InterruptedException {
        execute(1, "exit 0");
        execute(2, "exit 1");
        Optional<String> now = executor.digest(script("exit 0"));
        assertThat(now).isPresent();
        assertThat(observed.end(1).program()).isEqualTo(now);
        assertThat(observed.end(2).program()).isEmpty();
    }

    @Test
    void runThatWasCanceledWhileTheServerWasAwayIsNotStarted() throws InterruptedException {
        executor.reconcile(
                List.of(
                        new Executor.Unfinished(
                                order(1, script("echo ran", Parameter.output("out"))),
                                Optional.of("Canceled by user")),
                        new Executor.Unfinished(order(2, script("echo ran")), Optional.empty())),
                observed);
        assertThat(observed.awaitEnd(1)).isEqualTo(Outcome.canceled("Canceled by user"));
        assertThat(observed.state(1).startedAt()).isEmpty();
        assertThat(buffers.end("1-out")).isEqualTo("failed");
        assertThat(observed.awaitEnd(2)).isEqualTo(Outcome.exited(0));
    }

    @Test
    void whatTheExecutorCannotDoIsRefused() {
        RunOrder distributed =
                new RunOrder(
                        1,
                        script("true"),
                        Map.of(),
                        TIMEOUT,
                        1,
                        Optional.of(new RunOrder.Workers(script("true"), 2)));
        if (!executor.capabilities().workers()) {
            assertThatThrownBy(() -> executor.check(distributed))
                    .isInstanceOf(RunRefusedException.class)
                    .hasMessageContaining("workers");
        }
        RunOrder listening =
                order(
                        1,
                        script("true", Parameter.input("in"))
                                .withSockets(
                                        List.of(
                                                new SocketPort(
                                                        80, Optional.of("in"), Optional.empty()))));
        if (!executor.capabilities().sockets()) {
            assertThatThrownBy(() -> executor.check(listening))
                    .isInstanceOf(RunRefusedException.class)
                    .hasMessageContaining("sockets");
        }
    }

    /** Waits until the program has written a line. */
    protected void awaitFirstLine(long run) throws InterruptedException {
        try (LogReader reader = executor.logs(run, LogQuery.ALL.following())) {
            assertThat(reader.next()).as("first line of run %d", run).isNotNull();
        }
    }
}
