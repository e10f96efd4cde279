package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.client.ForebayClient;
import dev.forebay.client.RunInfo;
import dev.forebay.run.oci.testing.RealEngine;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server process that executes containers, and the next one after it was killed. */
final class ServeContainersTest {
    private static final int KILL = 9;

    @RegisterExtension static final RealEngine ENGINE = new RealEngine();
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    @Test
    void containerOfAKilledServerRunsOnAndIsAdopted() throws Exception {
        served(url -> {
            Object executor = new ForebayClient(URI.create(url)).metadata().get("executor");
            assertThat(String.valueOf(executor)).contains("oci", "outlivesServer");
            create(url, "upper", "-i", "in", "-o", "out", "tr a-z A-Z < $(IN_PIPE) > $(OUT_PIPE)");
            Cli.Outcome done =
                    CLI.runWith(
                            "abc".getBytes(UTF_8), "run", "exec", "-c", "upper", "--server", url);
            assertThat(new String(done.data(), UTF_8)).as(done.err()).isEqualTo("ABC");
            create(url, "stay", "echo once; until [ -e /tmp/end ]; do sleep 0.05; done; echo end");
            create(url, "hold", "-o", "out", "echo part > $(OUT_PIPE); sleep 1000");
            begin(url, "stay", 2);
            begin(url, "hold", 3);
        });
        String stays = ENGINE.podman("ps", "--quiet", "--filter", "label=dev.forebay.run=2");
        served(url -> {
            RunInfo lost = new ForebayClient(URI.create(url)).runs().watch(3, _ -> {});
            assertThat(lost.status()).isEqualTo("Failed");
            assertThat(lost.statusReason()).contains("server lost");
            end(stays);
            RunInfo last = new ForebayClient(URI.create(url)).runs().watch(2, _ -> {});
            assertThat(last.status()).as("%s", last.statusReason()).isEqualTo("Succeeded");
            assertThat(CLI.run("run", "logs", "2", "--server", url).data())
                    .asString(UTF_8)
                    .isEqualTo("once\nend\n");
        });
        assertThat(ENGINE.podman("ps", "--all", "--quiet")).isEmpty();
    }

    private static void end(String container) {
        try {
            ENGINE.podman("exec", container, "touch", "/tmp/end");
        } catch (Exception e) {
            throw new AssertionError("the container is not there: " + container, e);
        }
    }

    /** Makes a codespec of a script, which comes last, with the options before it. */
    private static void create(String url, String name, String... optionsAndScript) {
        List<String> words = new ArrayList<>(List.of("codespec", "create", name));
        words.addAll(List.of("--server", url, "--image", RealEngine.IMAGE));
        words.addAll(List.of(optionsAndScript).subList(0, optionsAndScript.length - 1));
        String script = optionsAndScript[optionsAndScript.length - 1];
        words.addAll(List.of("--command", "--", "sh", "-c", script));
        CLI.run(words.toArray(String[]::new)).text();
    }

    /** Creates a run, and waits until its program runs. */
    private static void begin(String url, String codespec, long id) {
        assertThat(CLI.run("run", "create", "-c", codespec, "--server", url).text())
                .isEqualTo(Long.toString(id));
        ForebayClient client = new ForebayClient(URI.create(url));
        assertThatThrownBy(() -> client.runs().watch(id, ServeContainersTest::endWatch))
                .hasMessage("it runs");
    }

    private static void endWatch(RunInfo run) {
        if (run.status().equals("Running")) {
            throw new IllegalStateException("it runs");
        }
    }

    /** Runs a server while {@code use} uses it, then kills it. */
    private void served(Consumer<String> use) throws Exception {
        List<String> command = new ArrayList<>(ProcessTest.java());
        command.addAll(List.of("serve", "--data", directory.resolve("data").toString()));
        command.addAll(List.of("--port", "0", "--executor", "oci", "--executor-pull", "never"));
        command.addAll(List.of("--executor-socket", ENGINE.socket().toString()));
        Path errors = directory.resolve("errors");
        Process server = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        try (BufferedReader lines = server.inputReader(UTF_8)) {
            String line = lines.readLine();
            assertThat(line).as("%s", Files.readString(errors)).startsWith("listening on ");
            use.accept(line.substring("listening on ".length()));
            UnixCalls.kill(server.pid(), KILL);
            assertThat(server.waitFor()).isEqualTo(128 + KILL);
            assertThat(Files.readString(errors)).doesNotContain("no container engine");
        } finally {
            server.destroyForcibly().waitFor();
        }
    }
}
