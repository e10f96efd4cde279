package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.run.oci.testing.PlayedEngine;
import dev.forebay.run.oci.testing.PlayedEngine.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Which container engine is found without being named, and what doctor says of it. */
final class EngineSocketTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    @BeforeEach
    void useOwnSockets() {
        CLI.variables.put("XDG_RUNTIME_DIR", directory.toString());
    }

    @AfterEach
    void forget() {
        CLI.variables.remove("XDG_RUNTIME_DIR");
        CLI.variables.remove("DOCKER_HOST");
    }

    private PlayedEngine engine(String file, String name) throws IOException {
        Path socket = directory.resolve(file);
        Files.createDirectories(socket.getParent());
        return new PlayedEngine(
                socket,
                request ->
                        request.equals("GET /version")
                                ? Answer.of(
                                        "{\"Version\":\"1.2\",\"Components\":[{\"Name\":\"%s\"}]}"
                                                .formatted(name))
                                : Answer.MISSING);
    }

    /** What doctor says of the engine. */
    private static String line() {
        return CLI.run("doctor")
                .out()
                .lines()
                .filter(line -> line.startsWith("engine "))
                .reduce("", String::concat);
    }

    @Test
    void engineOfTheUserIsFoundAndPodmanComesFirst() throws IOException {
        try (PlayedEngine docker = engine("docker.sock", "Docker Engine")) {
            assertThat(line())
                    .isEqualTo(
                            "engine    Docker Engine 1.2 at " + directory.resolve("docker.sock"));
            assertThat(docker.requests()).containsExactly("GET /version");
            try (PlayedEngine _ = engine("podman/podman.sock", "Podman Engine")) {
                assertThat(line())
                        .isEqualTo(
                                "engine    Podman Engine 1.2 at "
                                        + directory.resolve("podman/podman.sock"));
            }
        }
    }

    @Test
    void variableOfDockerBeatsTheUsualPlaces() throws IOException {
        try (PlayedEngine _ = engine("docker.sock", "Usual");
                PlayedEngine _ = engine("other.sock", "Named")) {
            CLI.variables.put("DOCKER_HOST", "unix://" + directory.resolve("other.sock"));
            assertThat(line())
                    .isEqualTo("engine    Named 1.2 at " + directory.resolve("other.sock"));
            CLI.variables.put("DOCKER_HOST", "tcp://127.0.0.1:9");
            assertThat(line()).as("not a socket").startsWith("engine    Usual");
        }
    }

    @Test
    void absentEngineIsSaidAndIsNoProblem() {
        CLI.variables.put("DOCKER_HOST", "unix://" + directory.resolve("none.sock"));
        Cli.Outcome outcome = CLI.run("doctor");
        assertThat(outcome.code()).as(outcome.out()).isZero();
        assertThat(line()).startsWith("engine    none: ");
    }
}
