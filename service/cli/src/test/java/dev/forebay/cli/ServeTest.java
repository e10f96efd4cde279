package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a server is started and what ends it. */
final class ServeTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    private Path config(String text) throws Exception {
        return Files.writeString(directory.resolve("config.yaml"), text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "port: 0|prt: 1;:2: the key 'prt' is unknown",
                "config: x;:1: the key 'config' is unknown",
                "data: /tmp|port: many;:2: Invalid value for option '--port': expected 0 to 65535",
                "data: /tmp|port: -1;:2: Invalid value for option '--port': expected 0 to 65535, where 0 is a free port, found '-1'",
                "data: /tmp|port: 65536;:2: Invalid value for option '--port': expected 0 to 65535",
                "data: /tmp|tls-port: 99999;:2: Invalid value for option '--tls-port': expected 0 to 65535",
                "data: /tmp|bind: 0.0.0.0;:2: Invalid value for option '--bind': '0.0.0.0' is beyond loopback",
                "data: /tmp|public-url: here;:2: Invalid value for option '--public-url'",
                "data: /tmp|default-ttl: -5;:2: Invalid value for option '--default-ttl': not a lifetime",
                "data: /tmp|soft-deleted-ttl: 99999999;:2: Invalid value for option '--soft-deleted-ttl': '99999999' ends after the year 9999",
                "data: /tmp|run-log-ttl: x;:2: Invalid value for option '--run-log-ttl': not a lifetime",
                "data: /tmp|drain: -1s;:2: Invalid value for option '--drain': '-1s' is not a time",
                "data: /tmp|log-allowance: 5;:2: Invalid value for option '--log-allowance': the allowance of the log must be 1 MiB or more",
                "port: [1, 2];:1: the key 'port' takes one value",
                "log-level: loud;:1: Invalid value for option '--log-level'",
                "log-format: xml;:1: Invalid value for option '--log-format'",
                "port;:1: expected KEY: VALUE",
            })
    void wrongSettingIsNamedByItsLine(String text, String said) throws Exception {
        Path file = config(text.replace('|', '\n'));
        CLI.run("serve", "--config", file.toString()).failedWith(2, file + said);
    }

    @Test
    void plainHttpBeyondLoopbackIsRefusedAndTlsIsNamed() {
        String data = directory.resolve("data").toString();
        for (String address : List.of("192.0.2.1", "0.0.0.0", "::")) {
            CLI.run("serve", "--data", data, "--bind", address)
                    .failedWith(
                            2,
                            "plain HTTP beyond loopback comes with access control",
                            "--tls-bind " + address);
        }
        CLI.run("serve", "--data", data, "--bind", "no address").failedWith(2, "is not an address");
        assertThat(Path.of(data)).doesNotExist();
    }

    @Test
    void executorOptionsThatDoNotFitAreRefused() {
        String data = directory.resolve("data").toString();
        CLI.run("serve", "--data", data, "--executor-user", "nobody")
                .failedWith(2, "need --executor");
        CLI.run("serve", "--data", data, "--executor", "oci", "--executor-cgroup", "own")
                .failedWith(2, "--executor-cgroup needs --executor process");
        CLI.run("serve", "--data", data, "--executor", "cloud").failedWith(2, "process");
        String[] foreign = {
            "serve",
            "--data",
            data,
            "--port",
            "0",
            "--executor",
            "process",
            "--executor-user",
            "x y"
        };
        CLI.run(foreign).failedWith(2, "--executor-directory");
    }

    /** SIGHUP reaches a process without a terminal, as a service, and leaves it running. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void serverTakesItsSettingsAndGoesOnAfterSighup() throws Exception {
        Path file =
                config(
                        "data: '%s'\nport: 1 # beaten\nbind: 127.0.0.2\ntls-name: [a.example, b.example]\ntls-port: 0\nlog-level: info\nlog-format: json\naccess-log: true\n"
                                .formatted(directory.resolve("data")));
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP"));
        command.addAll(ProcessTest.java());
        command.addAll(List.of("serve", "--config", file.toString(), "--port", "0"));
        Path log = directory.resolve("log");
        Process server = new ProcessBuilder(command).redirectError(log.toFile()).start();
        try (BufferedReader lines = server.inputReader(UTF_8)) {
            String line = lines.readLine();
            assertThat(line).startsWith("listening on http://127.0.0.2:");
            String url = line.substring("listening on ".length());
            UnixCalls.kill(server.pid(), 1);
            assertThat(CLI.run("buffer", "create", "--server", url).text()).isNotEmpty();
            assertThat(directory.resolve("data/catalog.db")).exists();
            UnixCalls.kill(server.pid(), 15);
            assertThat(server.waitFor()).isZero();
            assertThat(Files.readString(log))
                    .containsPattern("\\{.*\"access\".*POST \\\\?/buffers 201 [0-9]+ bytes");
        } finally {
            server.destroyForcibly();
        }
    }

    /** A server whose lanes say when they are to be prepared. */
    private Process withLanes() throws IOException {
        List<String> command = new ArrayList<>(ProcessTest.java());
        command.add(1, "-D" + SayingLanes.SAY + "=true");
        command.addAll(List.of("serve", "--data", directory.resolve("data").toString()));
        command.addAll(List.of("--port", "0"));
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    @Test
    void serverPreparesItsLanesSoonAfterItListens() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Process server = withLanes();
            BufferedReader lines = server.inputReader(UTF_8); // Closed with the process.
            try {
                assertThat(lines.readLine()).startsWith("listening on ");
                assertThat(threads.submit(lines::readLine))
                        .succeedsWithin(Duration.ofSeconds(20))
                        .isEqualTo(SayingLanes.PREPARED);
            } finally {
                server.destroyForcibly();
            }
        }
    }
}
