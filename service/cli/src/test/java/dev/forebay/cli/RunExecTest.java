package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.client.ForebayClient;
import dev.forebay.client.RemoteRuns;
import dev.forebay.client.RunInfo;
import dev.forebay.client.RunLogQuery;
import dev.forebay.client.RunSearch;
import dev.forebay.run.process.ProcessExecutor;
import dev.forebay.run.process.ProcessSettings;
import dev.forebay.server.RunConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.nio.channels.Channels;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Runs from the command line, on a server that executes them as processes of the test's user. */
final class RunExecTest {
    private static final Duration GUARD = Duration.ofSeconds(90);

    private static final RunConfig.Opening PROCESSES =
            (data, buffers) ->
                    ProcessExecutor.open(
                            ProcessSettings.in(data.resolve("runs"))
                                    .withUser(System.getProperty("user.name")),
                            buffers);

    @RegisterExtension
    static final Cli CLI =
            new Cli(config ->
                    config.withRuns(new RunConfig(Optional.of(PROCESSES), Duration.ZERO)));

    @TempDir private Path directory;

    private static void codespec(String name, List<String> buffers, String script) {
        List<String> words = new ArrayList<>(List.of("codespec", "create", name));
        words.addAll(List.of("--image", "none"));
        words.addAll(buffers);
        words.addAll(List.of("--command", "--", "sh", "-c", script));
        CLI.run(words.toArray(String[]::new)).text();
    }

    @BeforeAll
    static void codespecs() {
        codespec(
                "cat",
                List.of("-i", "in", "-o", "out"),
                "cat \"$IN_PIPE\" > \"$OUT_PIPE\"; echo one; echo two");
        codespec("bad", List.of("-o", "out"), "echo 1 > \"$OUT_PIPE\"; echo oh >&2; exit 3");
        codespec("two", List.of("-i", "a", "-i", "b"), "exit 0");
    }

    @Test
    void execIsAPipeThroughTheProgram() {
        byte[] sent = new byte[2_500_000];
        new Random(1).nextBytes(sent);
        Cli.Outcome outcome = CLI.runWith(sent, "run", "exec", "-c", "cat", "--logs");
        assertThat(outcome.err()).isEqualTo("one\ntwo\n");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.data()).isEqualTo(sent);
    }

    @Test
    void execWithEphemeralBuffersStoresNothing() {
        byte[] sent = new byte[2_500_000];
        new Random(2).nextBytes(sent);
        String before = CLI.run("buffer", "count").text();
        String[] exec = {"run", "exec", "-c", "cat", "-b", "in=_", "-b", "out=_", "--logs"};
        Cli.Outcome outcome = CLI.runWith(sent, exec);
        assertThat(outcome.err()).isEqualTo("one\ntwo\n");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.data()).isEqualTo(sent);
        assertThat(CLI.run("buffer", "count").text()).isEqualTo(before);
        Cli.Outcome failed = CLI.run("run", "exec", "-c", "bad", "-b", "out=_");
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("Main exited with code 3");
    }

    @Test
    void accessUrlsOfARunLiveAsLongAsItSays() {
        byte[] sent = {'a'};
        String[] exec = {"run", "exec", "-c", "cat", "--tag", "ttl=1", "--buffer-access-ttl"};
        Cli.Outcome outcome = CLI.runWith(sent, with(exec, "30s"));
        assertThat(outcome.data()).isEqualTo(sent);
        assertThat(CLI.run("run", "list", "--tag", "ttl=1").text())
                .contains("\"bufferAccessTtl\" : \"00:00:30\"");
        CLI.run(with(exec, "29s")).failedWith(1, "Access TTL must be at least 30 seconds.");
        CLI.run(with(exec, "61m")).failedWith(1, "must be less than or equal to 01:00:00");
    }

    @Test
    void execOutlivesTheUrlsThatItBeganWith() throws Exception {
        Pipe input = Pipe.open();
        Pipe output = Pipe.open();
        CompletableFuture<Cli.Outcome> outcome = new CompletableFuture<>();
        try (Gate gate = new Gate(CLI.url());
                InputStream printed = Channels.newInputStream(output.source())) {
            String[] exec = {"run", "exec", "-c", "cat", "--server", gate.url()};
            Thread.ofPlatform()
                    .daemon()
                    .start(() ->
                            outcome.complete(CLI.runWith(input.source(), output.sink(), exec)));
            input.sink().write(UTF_8.encode("one,"));
            assertThat(printed.readNBytes(4)).asString(UTF_8).isEqualTo("one,");
            gate.endAll();
            input.sink().write(UTF_8.encode("two"));
            input.sink().close();
            assertThat(outcome).succeedsWithin(GUARD);
            assertThat(outcome.get().code()).as(outcome.get().err()).isZero();
            assertThat(printed.readAllBytes()).asString(UTF_8).isEqualTo("two");
        }
    }

    private static String[] with(String[] words, String last) {
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = last;
        return all;
    }

    @Test
    void reusedRunGivesItsOutputAndLogAgain() throws IOException {
        String in = CLI.create();
        CLI.runWith("again".getBytes(UTF_8), "buffer", "write", in);
        String[] exec = {"run", "exec", "-c", "cat", "-b", "in=" + in, "--logs", "--reuse"};
        CLI.run(exec);
        String before = CLI.run("run", "counts").text();
        Cli.Outcome outcome = CLI.run(exec);
        assertThat(outcome.err()).isEqualTo("one\ntwo\n");
        assertThat(new String(outcome.data(), UTF_8)).isEqualTo("again");
        Path file = directory.resolve("reuse.yml");
        String run = "job: {codespec: cat, buffers: {in: %s}}\nreuse: %s\n";
        Files.writeString(file, run.formatted(in, "true"));
        CLI.run("run", "create", "-f", file.toString()).text();
        assertThat(CLI.run("run", "counts").text()).as("nothing was executed").isEqualTo(before);
        Files.writeString(file, run.formatted(in, "perhaps"));
        CLI.run("run", "create", "-f", file.toString())
                .failedWith(2, "expected true or false as 'reuse' of the run file");
    }

    @Test
    void fileWithoutFieldsIsSaidBeforeTheServerIsAsked() throws IOException {
        Path file = directory.resolve("wrong.yml");
        for (String command : List.of("create", "exec")) {
            Files.writeString(file, "");
            CLI.run("run", command, "-f", file.toString(), "--server", "http://127.0.0.1:9")
                    .failedWith(
                            1,
                            "expected fields of YAML in the run file " + file + ", found nothing",
                            "begin it with such as 'job: {codespec: denoise}'");
            Files.writeString(file, "- job\n");
            CLI.run("run", command, "-f", file.toString(), "--server", "http://127.0.0.1:9")
                    .failedWith(1, "found a list of 1");
        }
    }

    @Test
    void execOfAProgramThatFailsSaysHowItEnded() {
        Cli.Outcome outcome = CLI.run("run", "exec", "-c", "bad", "--logs");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("oh\n")
                .contains("run failed with status Failed (Main exited with code 3)");
    }

    @Test
    void execWithTwoInputsForOneStreamCreatesNothing() {
        String before = CLI.run("run", "counts").text();
        CLI.run("run", "exec", "-c", "two")
                .failedWith(2, "multiple unmapped input buffers", "a and b");
        CLI.run("run", "exec", "-c", "none").failedWith(1, "none");
        CLI.run("run", "exec").failedWith(2, "--codespec NAME");
        assertThat(CLI.run("run", "counts").text()).isEqualTo(before);
    }

    @Test
    void runIsCreatedWatchedAndItsLogRead() {
        String in = CLI.create();
        CLI.runWith("abc".getBytes(UTF_8), "buffer", "write", in);
        String id = CLI.run("run", "create", "-c", "cat", "-b", "in=" + in, "--tag", "a=1").text();
        List<String> lines = CLI.run("run", "watch", id).text().lines().toList();
        assertThat(lines).doesNotHaveDuplicates();
        assertThat(lines.getLast()).contains("\"status\":\"Succeeded\"").doesNotContain("tags");
        assertThat(CLI.run("run", "watch", id, "--full-resource").text()).contains("tags");
        assertThat(new String(CLI.run("run", "logs", id).data(), UTF_8)).isEqualTo("one\ntwo\n");
        assertThat(new String(CLI.run("run", "logs", id, "--tail", "1", "-f").data(), UTF_8))
                .isEqualTo("two\n");
        assertThat(CLI.run("run", "logs", id, "--since", "0s").data()).isEmpty();
        CLI.run("run", "logs", "999").failedWith(1, "the run 999 was not found");
        CLI.run("run", "watch", "999").failedWith(1, "the run 999 was not found");
    }

    /** The program tells of the first byte, so the write is under way when the interrupt comes. */
    @Test
    void interruptedExecMarksItsInputFailed() throws Exception {
        codespec(
                "got",
                List.of("-i", "in"),
                "exec 3<\"$IN_PIPE\"; dd bs=1 count=1 <&3 >/dev/null 2>&1; echo got; cat <&3");
        Pipe input = Pipe.open();
        input.sink().write(ByteBuffer.wrap(new byte[10]));
        CompletableFuture<Cli.Outcome> outcome = new CompletableFuture<>();
        String[] words = {"run", "exec", "-c", "got", "--tag", "who=interrupted"};
        Thread exec =
                Thread.ofPlatform()
                        .daemon()
                        .start(() -> outcome.complete(CLI.runWith(input.source(), false, words)));
        RemoteRuns runs = new ForebayClient(URI.create(CLI.url())).runs();
        long id = awaitRun(runs, "interrupted");
        try (BufferedReader log =
                new BufferedReader(
                        new InputStreamReader(
                                runs.logs(id, new RunLogQuery(true, false, null, null)), UTF_8))) {
            assertThat(log.readLine()).isEqualTo("got");
        }
        exec.interrupt();
        assertThat(outcome).succeedsWithin(GUARD);
        assertThat(outcome.get().code()).as(outcome.get().err()).isEqualTo(130);
        RunInfo last = runs.watch(id, _ -> {});
        assertThat(last.status()).isEqualTo("Failed");
        assertThat(last.statusReason().orElse("")).startsWith("input in: ");
        input.sink().close();
    }

    /** The run with this value of the tag {@code who}, once there is one. */
    private static long awaitRun(RemoteRuns runs, String who) {
        RunSearch search =
                new RunSearch(
                        List.of(), Map.of("who", who), List.of(), null, null, null, null, null);
        long deadline = System.nanoTime() + GUARD.toNanos();
        while (System.nanoTime() - deadline < 0) {
            List<RunInfo> found = runs.list(search, 1);
            if (!found.isEmpty()) {
                return found.getFirst().id();
            }
        }
        throw new AssertionError("no run was created");
    }

    @Test
    void runFileIsBeatenByOptions() throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("run.yaml"),
                        """
                        job:
                          codespec:
                            image: none
                            command: [sh, -c, 'echo $(GREETING)']
                            env:
                              GREETING: hello
                        tags:
                          a: '1'
                        timeoutSeconds: 5
                        """);
        Cli.Outcome outcome =
                CLI.run("run", "exec", "-f", file.toString(), "--timeout", "10m", "--logs");
        assertThat(outcome.err()).isEqualTo("hello\n");
        assertThat(outcome.code()).isZero();
        assertThat(CLI.run("run", "list", "--tag", "a=1", "--limit", "1").text()).contains("600");
    }

    private static final Path RECORDING = Path.of("../../recordings/ecg-208.u16");

    /** The block of docs/runs.md in this language that has this text. */
    private static String documented(String language, String text) throws IOException {
        Matcher block =
                Pattern.compile("(?s)```" + language + "\n(.*?)```")
                        .matcher(Files.readString(Path.of("../../docs/runs.md")));
        while (block.find()) {
            if (block.group(1).contains(text)) {
                return block.group(1);
            }
        }
        throw new AssertionError("docs/runs.md has no block of " + language + " with " + text);
    }

    /** The mean of each eight samples, as the examples print it. */
    private static String smooth(byte[] recording) {
        ShortBuffer samples =
                ByteBuffer.wrap(recording).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < samples.limit(); i++) {
            int sum = 0;
            for (int k = Math.max(0, i - 7); k <= i; k++) {
                sum += samples.get(k);
            }
            lines.append(sum / 8).append('\n');
        }
        return lines.toString();
    }

    private static void assertSmooths(String codespec) throws IOException {
        byte[] recording = Files.readAllBytes(RECORDING);
        Cli.Outcome outcome = CLI.runWith(recording, "run", "exec", "-c", codespec, "--logs");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(new String(outcome.data(), UTF_8)).isEqualTo(smooth(recording));
    }

    @Test
    void documentedFilterOfCommonToolsSmoothsTheRecording() throws IOException {
        for (String tool : List.of("od", "awk")) {
            assumeTrue(
                    Stream.of("/bin", "/usr/bin").anyMatch(at -> Files.exists(Path.of(at, tool))),
                    tool + " is not installed here");
        }
        Path file = directory.resolve("smooth.yml");
        Files.writeString(file, documented("yaml", "awk"));
        CLI.run("codespec", "create", "smooth", "-f", file.toString()).text();
        assertSmooths("smooth");
    }

    @Test
    void documentedFilterInJavaSmoothsTheRecording() throws IOException {
        Path program = directory.resolve("Smooth.java");
        Files.writeString(program, documented("java", "SMOOTH_PIPE"));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> words = List.of("codespec", "create", "smooth-java", "--image", "none");
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of("-i", "signal", "-o", "smooth", "--command", "--"));
        all.addAll(List.of(java, "-XX:TieredStopAtLevel=1", program.toString()));
        CLI.run(all.toArray(String[]::new)).text();
        assertSmooths("smooth-java");
    }
}
