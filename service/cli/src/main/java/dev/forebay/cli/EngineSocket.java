package dev.forebay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where container engines of this machine usually listen. */
final class EngineSocket {
    private static final String SCHEME = "unix://";

    private EngineSocket() {}

    /**
     * The socket that {@code DOCKER_HOST} names, else the first usual one that is there: those of
     * this user before those of the system, Podman's before Docker's.
     *
     * @throws IOException if there is none, with what to do
     */
    static Path usual(Shell shell) throws IOException {
        String host = shell.variable("DOCKER_HOST");
        if (host != null && host.startsWith(SCHEME)) {
            return Path.of(host.substring(SCHEME.length()));
        }
        List<Path> usual = new ArrayList<>();
        String own = shell.variable("XDG_RUNTIME_DIR");
        if (own != null && !own.isEmpty()) {
            usual.add(Path.of(own, "podman", "podman.sock"));
            usual.add(Path.of(own, "docker.sock"));
        }
        usual.add(Path.of("/run/podman/podman.sock"));
        usual.add(Path.of("/run/docker.sock"));
        return usual.stream()
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() ->
                        new IOException(
                                "expected the socket of a container engine, and none of %s is there; start Podman's (podman system service) or Docker's, or name it with --executor-socket"
                                        .formatted(usual)));
    }
}
