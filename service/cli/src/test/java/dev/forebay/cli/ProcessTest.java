package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.blob.BlobName;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Wait;
import dev.forebay.blobhttp.AccessUrl;
import dev.forebay.blobhttp.AccessUrlSource;
import dev.forebay.blobhttp.HttpContainer;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: signals, pipes and exit codes. */
@EnabledOnOs(OS.LINUX)
final class ProcessTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final int GUARD_SECONDS = 60;

    private static Process start(String... args) throws IOException {
        // Who runs this in the background ignores SIGINT, and so would the child.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT"));
        command.addAll(java());
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("FOREBAY_SERVER", CLI.url());
        return builder.start();
    }

    static List<String> java() {
        return List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.forebay.cli.Forebay");
    }

    private static String err(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), UTF_8);
    }

    /** Blocks until the blob is there. */
    private static void await(String id, BlobName name) {
        AccessUrl url = new AccessUrl(CLI.run("buffer", "access", id).text());
        try (HttpContainer container = new HttpContainer(AccessUrlSource.fixed(url))) {
            Lookup found;
            do {
                found =
                        container.get(
                                name, Wait.upTo(Duration.ofSeconds(20), new BlobName("none")));
            } while (found instanceof Lookup.Absent);
            ((Lookup.Found) found).blob().close();
        }
    }

    @Test
    void interruptedWriteSaysThatBufferIsMarkedOnceItIs() throws Exception {
        String id = CLI.create();
        Process writer = start("buffer", "write", id, "-f", "10ms");
        try (OutputStream to = writer.getOutputStream()) {
            to.write("the beginning".getBytes(UTF_8));
            to.flush();
            await(id, new BlobName("00/000"));
            signal("INT", writer);
            assertThat(writer.waitFor()).isEqualTo(Failures.INTERRUPTED);
        }
        assertThat(err(writer))
                .startsWith("interrupted; telling the buffer's readers")
                .contains("Warning: the buffer is marked failed")
                .contains("Error: ");
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    @Test
    void writeThatIsInterruptedWhileServerIsStoppedEndsInTimeAndSaysThatReadersWait(
            @TempDir Path directory) throws Exception {
        Process server = start("serve", "--data", directory.toString(), "--port", "0");
        try {
            String url = server.inputReader(UTF_8).readLine().substring("listening on ".length());
            String id = CLI.run("buffer", "create", "--server", url).text();
            Process writer = start("buffer", "write", id, "-f", "10ms", "--server", url);
            Process reader = start("buffer", "read", id, "--server", url);
            try (OutputStream to = writer.getOutputStream()) {
                to.write('x');
                to.flush();
                assertThat(reader.getInputStream().read()).isEqualTo('x');
                signal("STOP", server);
                signal("INT", writer);
                boolean ended =
                        writer.waitFor(
                                Interruption.LONGEST.toMillis() + 3000, TimeUnit.MILLISECONDS);
                assertThat(ended).isTrue();
            }
            assertThat(writer.exitValue()).isEqualTo(Failures.INTERRUPTED);
            assertThat(err(writer))
                    .startsWith("interrupted; telling the buffer's readers")
                    .contains("Warning: ", "without end; delete the buffer to end them")
                    .doesNotContain("is marked failed, so");
            reader.destroyForcibly().waitFor();
        } finally {
            signal("CONT", server);
            server.destroyForcibly().waitFor();
        }
    }

    private static void signal(String name, Process process) throws Exception {
        ProcessBuilder kill = new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid()));
        assertThat(kill.start().waitFor()).isZero();
    }

    @Test
    void anInterruptedReadEndsWith130() throws Exception {
        String id = CLI.create();
        Process writer = start("buffer", "write", id, "-f", "10ms");
        Process reader = start("buffer", "read", id);
        try (OutputStream to = writer.getOutputStream()) {
            to.write('x');
            to.flush();
            assertThat(reader.getInputStream().read()).isEqualTo('x');
            signal("INT", reader);
            assertThat(reader.waitFor()).isEqualTo(Failures.INTERRUPTED);
        }
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void aReaderWhoseConsumerWentAwayEndsWithoutAWord() throws Exception {
        String id = CLI.create();
        byte[] large = CLI.run("buffer", "gen", "8MiB").data();
        CLI.runWith(large, "buffer", "write", id).text();
        Process reader = start("buffer", "read", id);
        reader.getOutputStream().close();
        assertThat(reader.getInputStream().read()).isEqualTo(':');
        reader.getInputStream().close();
        assertThat(err(reader)).isEmpty();
        assertThat(reader.waitFor()).isEqualTo(Failures.FAILED);
    }

    @Test
    void signalGoesToTheCommandWhichMayStillCompleteTheBuffer() throws Exception {
        String script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done";
        String id = CLI.create();
        Process writer =
                start(
                        "buffer",
                        "write",
                        id,
                        "-f",
                        "10ms",
                        "--from-command",
                        "--",
                        "sh",
                        "-c",
                        script);
        await(id, new BlobName("00/000"));
        signal("TERM", writer);
        assertThat(err(writer)).contains("waiting for the command to end").contains("written in");
        assertThat(writer.waitFor()).isZero();
        assertThat(CLI.run("buffer", "read", id).data()).asString().isEqualTo("ready\nbye\n");
    }

    @Test
    void commandThatDiesOfTheSignalLeavesAFailedBuffer() throws Exception {
        String id = CLI.create();
        String script = "echo ready; while :; do sleep 0.1; done";
        Process writer =
                start(
                        "buffer",
                        "write",
                        id,
                        "-f",
                        "10ms",
                        "--from-command",
                        "--",
                        "sh",
                        "-c",
                        script);
        await(id, new BlobName("00/000"));
        signal("INT", writer);
        assertThat(err(writer)).contains("ended with exit code 130");
        assertThat(writer.waitFor()).isEqualTo(Failures.INTERRUPTED);
        CLI.run("buffer", "read", id).failedWith(1, "permanently failed state");
    }

    private static Path namedPipe(Path path) throws Exception {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
        return path;
    }

    /** Opening a named pipe waits for its other end, and no virtual thread must wait for that. */
    private static <T> FutureTask<T> aside(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofPlatform().daemon().start(task);
        return task;
    }

    @Test
    void namedPipesAreInputAndOutput(@TempDir Path directory) throws Exception {
        Path in = namedPipe(directory.resolve("in.fifo"));
        Path out = namedPipe(directory.resolve("out.fifo"));
        byte[] bytes = new byte[(9 << 20) + 1];
        new Random(1).nextBytes(bytes);
        String id = CLI.create();

        Process writer = start("buffer", "write", id, "-i", in.toString());
        Process reader = start("buffer", "read", id, "-o", out.toString());
        FutureTask<Path> fed = aside(() -> Files.write(in, bytes));
        FutureTask<byte[]> drained = aside(() -> Files.readAllBytes(out));

        assertThat(err(writer)).startsWith("9 MiB written");
        assertThat(writer.waitFor()).isZero();
        assertThat(err(reader)).startsWith("9 MiB read");
        assertThat(reader.waitFor()).isZero();
        fed.get(GUARD_SECONDS, TimeUnit.SECONDS);
        assertThat(drained.get(GUARD_SECONDS, TimeUnit.SECONDS)).isEqualTo(bytes);
        assertThat(Files.readAttributes(out, BasicFileAttributes.class).isOther()).isTrue();
    }

    private static void failsOnAFullDevice(String said, String... args) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\" > /dev/full"));
        command.addAll(java());
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).start();
        assertThat(err(process)).startsWith("Error: ").contains(said);
        assertThat(process.waitFor()).isEqualTo(Failures.FAILED);
    }

    @Test
    void anOutputThatIsFullIsAnErrorForDataAndForText() throws Exception {
        failsOnAFullDevice("the output failed: ", "buffer", "gen", "1");
        failsOnAFullDevice("could not be written to standard output", "version");
    }

    /** What a terminal gets of a line of the shell in which {@code $F} is the program. */
    private static String onTerminal(String line) throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/bin/script")), "no pseudo-terminal to be had");
        String program =
                java().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        ProcessBuilder builder =
                new ProcessBuilder("/usr/bin/script", "-qec", line, "/dev/null")
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true);
        builder.environment().put("F", program);
        builder.environment().put("TERM", "xterm");
        builder.environment().put("FOREBAY_SERVER", CLI.url());
        Process terminal = builder.start();
        String shown = new String(terminal.getInputStream().readAllBytes(), UTF_8);
        assertThat(terminal.waitFor()).as(shown).isZero();
        return shown;
    }

    @Test
    void aTerminalIsToldHowItGoes() throws Exception {
        String shown = onTerminal("eval \"$F buffer write " + CLI.create() + " -i /dev/null\"");
        assertThat(shown).contains("\r\033[K").contains("0 B written");
    }

    @Test
    void dataOnATerminalAreNeverErased(@TempDir Path directory) throws Exception {
        String id = CLI.create();
        CLI.runWith("no line break".getBytes(UTF_8), "buffer", "write", id).text();
        assertThat(onTerminal("eval \"$F buffer read " + id + "\""))
                .startsWith("no line break")
                .doesNotContain("\033");
        assertThat(onTerminal("eval \"$F buffer read " + id + "\" | cat"))
                .contains("no line break")
                .doesNotContain("\033");
        Path out = directory.resolve("out");
        assertThat(onTerminal("eval \"$F buffer read " + id + "\" > '" + out + "'"))
                .contains("\r\033[K");
    }
}
