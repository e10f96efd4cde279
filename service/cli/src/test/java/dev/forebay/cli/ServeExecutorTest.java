package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.client.ForebayClient;
import dev.forebay.client.RunInfo;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server process that executes programs, and what the next one makes of those it left. */
@EnabledOnOs(OS.LINUX)
final class ServeExecutorTest {
    private static final String WARNING = "Warning: every local user can run programs";
    private static final int TERM = 15;
    private static final int KILL = 9;

    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    /** Each server has the runs of the ones before it. */
    @Test
    void runsOfAServerThatStopsOrIsKilledAreLost() throws Exception {
        List<String> isolation = new ArrayList<>();
        String said =
                served(
                        TERM,
                        url -> {
                            String[] codespec = {
                                "codespec", "create", "cat", "--server", url, "--image", "none"
                            };
                            String[] program = {
                                "-i",
                                "in",
                                "-o",
                                "out",
                                "--command",
                                "--",
                                "sh",
                                "-c",
                                "cat $(IN_PIPE) > $(OUT_PIPE)"
                            };
                            List<String> words = new ArrayList<>(List.of(codespec));
                            words.addAll(List.of(program));
                            CLI.run(words.toArray(String[]::new)).text();
                            execute(url);
                            begin(url, 2);
                            Object executor =
                                    new ForebayClient(URI.create(url)).metadata().get("executor");
                            isolation.add(String.valueOf(executor));
                        });
        if (isolation.getFirst().contains("bubblewrap")) {
            assertThat(said).doesNotContain(WARNING);
        } else {
            assertThat(said).contains(WARNING);
        }
        served(
                KILL,
                url -> {
                    assertLost(url, 2);
                    begin(url, 3);
                });
        served(
                TERM,
                url -> {
                    assertLost(url, 3);
                    execute(url);
                });
    }

    private static void execute(String url) {
        Cli.Outcome done =
                CLI.runWith("abc".getBytes(UTF_8), "run", "exec", "-c", "cat", "--server", url);
        assertThat(new String(done.data(), UTF_8)).as(done.err()).isEqualTo("abc");
    }

    /** Creates a run that never ends, and waits until its program runs. */
    private static void begin(String url, long id) {
        assertThat(CLI.run("run", "create", "-c", "cat", "--server", url).text())
                .isEqualTo(Long.toString(id));
        ForebayClient client = new ForebayClient(URI.create(url));
        assertThatThrownBy(() -> client.runs().watch(id, ServeExecutorTest::endWatch))
                .hasMessage("it runs");
    }

    private static void endWatch(RunInfo run) {
        if (run.status().equals("Running")) {
            throw new IllegalStateException("it runs");
        }
    }

    private static void assertLost(String url, long id) {
        RunInfo last = new ForebayClient(URI.create(url)).runs().watch(id, _ -> {});
        assertThat(last.status()).isEqualTo("Failed");
        assertThat(last.statusReason()).contains("server lost");
        String out = String.valueOf(last.buffers().get("out"));
        Cli.Outcome read = CLI.run("buffer", "read", out, "--server", url);
        assertThat(read.code()).isEqualTo(1);
        assertThat(read.err()).contains("failed");
    }

    /** Runs a server while {@code use} uses it; what it said on standard error. */
    private String served(int signal, Consumer<String> use) throws Exception {
        List<String> command = new ArrayList<>(ProcessTest.java());
        command.addAll(List.of("serve", "--data", directory.resolve("data").toString()));
        command.addAll(List.of("--port", "0", "--executor", "process", "--drain", "0"));
        command.addAll(List.of("--executor-user", System.getProperty("user.name")));
        Path errors = directory.resolve("errors");
        Process server = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try (BufferedReader lines = server.inputReader(UTF_8)) {
            String line = lines.readLine();
            assertThat(line).as("%s", Files.readString(errors)).startsWith("listening on ");
            use.accept(line.substring("listening on ".length()));
            UnixCalls.kill(server.pid(), signal);
            assertThat(server.waitFor()).isEqualTo(signal == TERM ? 0 : 128 + signal);
            return Files.readString(errors);
        } finally {
            server.destroyForcibly();
        }
    }
}
