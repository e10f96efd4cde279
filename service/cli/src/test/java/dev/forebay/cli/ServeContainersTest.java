package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.client.RunInfo;
import dev.forebay.run.oci.testing.RealEngine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A server process that executes containers, and the next one after it was killed. */
final class ServeContainersTest {
    @RegisterExtension static final RealEngine ENGINE = new RealEngine();
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    private ServeProcess serve() throws IOException {
        return new ServeProcess(
                directory,
                "--executor",
                "oci",
                "--executor-pull",
                "never",
                "--executor-socket",
                ENGINE.socket().toString());
    }

    @Test
    void containerOfAKilledServerRunsOnAndIsAdopted() throws Exception {
        try (ServeProcess server = serve()) {
            String url = server.url();
            Object executor = server.client().metadata().get("executor");
            assertThat(String.valueOf(executor)).contains("oci", "outlivesServer");
            create(url, "upper", "-i", "in", "-o", "out", "tr a-z A-Z < $(IN_PIPE) > $(OUT_PIPE)");
            Cli.Outcome done =
                    CLI.runWith(
                            "abc".getBytes(UTF_8), "run", "exec", "-c", "upper", "--server", url);
            assertThat(new String(done.data(), UTF_8)).as(done.err()).isEqualTo("ABC");
            create(url, "stay", "echo once; until [ -e /tmp/end ]; do sleep 0.05; done; echo end");
            create(url, "hold", "-o", "out", "echo part > $(OUT_PIPE); sleep 1000");
            server.begin(CLI, "stay", 2);
            server.begin(CLI, "hold", 3);
            server.kill();
            assertThat(server.errors()).doesNotContain("no container engine");
            String stays = container(2);
            server.start();
            RunInfo lost = server.awaitEnd(3);
            assertThat(lost.status()).isEqualTo("Failed");
            assertThat(lost.statusReason()).contains("server lost");
            ENGINE.podman("exec", stays, "touch", "/tmp/end");
            RunInfo last = server.awaitEnd(2);
            assertThat(last.status()).as("%s", last.statusReason()).isEqualTo("Succeeded");
            assertThat(CLI.run("run", "logs", "2", "--server", url).data())
                    .asString(UTF_8)
                    .isEqualTo("once\nend\n");
            server.kill();
        }
        assertThat(ENGINE.podman("ps", "--all", "--quiet")).isEmpty();
    }

    /** One command follows the log and one executes the run, both over two ends of the server. */
    @Test
    void logIsFollowedAcrossAServerThatIsKilled() throws Exception {
        try (ServeProcess server = serve()) {
            String wait = "until [ -e /tmp/%d ]; do sleep 0.05; done; ";
            create(
                    server.url(),
                    "talk",
                    "echo one; echo two; printf par; "
                            + wait.formatted(1)
                            + "echo t; echo three; "
                            + wait.formatted(2)
                            + "printf end");
            Path errors = directory.resolve("exec");
            Process exec = server.command(errors, "run", "exec", "-c", "talk", "--logs");
            awaitText(errors, "two\n");
            String talks = container(1);
            Process follow =
                    server.command(directory.resolve("follow"), "run", "logs", "1", "--follow");
            try (BufferedReader log = follow.inputReader(UTF_8)) {
                assertThat(log.readLine()).isEqualTo("one");
                assertThat(log.readLine()).isEqualTo("two");
                server.kill();
                server.start();
                ENGINE.podman("exec", talks, "touch", "/tmp/1");
                assertThat(log.readLine()).isEqualTo("part");
                assertThat(log.readLine()).isEqualTo("three");
                server.signal(ServeProcess.TERM);
                assertThat(server.awaitExit()).isZero();
                ENGINE.podman("exec", talks, "touch", "/tmp/2");
                server.start();
                assertThat(log.readLine()).isEqualTo("end");
                assertThat(log.readLine()).isNull();
            }
            assertThat(follow.waitFor()).isZero();
            assertThat(Files.readString(directory.resolve("follow")).lines())
                    .hasSize(2)
                    .allMatch(line -> line.endsWith("; trying again"));
            assertThat(exec.waitFor()).as(Files.readString(errors)).isZero();
            assertThat(Files.readString(errors).replaceAll("(?m)^Warning: .*\n", ""))
                    .isEqualTo("one\ntwo\npart\nthree\nend");
            String log = "one\ntwo\npart\nthree\nend";
            assertThat(CLI.run("run", "logs", "1", "--server", server.url()).data())
                    .asString(UTF_8)
                    .isEqualTo(log);
        }
        assertThat(ENGINE.podman("ps", "--all", "--quiet")).isEmpty();
    }

    private static void awaitText(Path file, String text) throws IOException {
        long deadline = System.nanoTime() + 90_000_000_000L;
        while (!Files.readString(file).contains(text)) {
            assertThat(System.nanoTime() - deadline).as(Files.readString(file)).isNegative();
            Thread.onSpinWait();
        }
    }

    private static String container(long run) throws Exception {
        return ENGINE.podman("ps", "--quiet", "--filter", "label=dev.forebay.run=" + run);
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
}
