package dev.forebay.cli;

import dev.forebay.client.ControlClient;
import dev.forebay.client.ControlPlaneException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Which server a command talks to: {@code --server}, else {@code FOREBAY_SERVER}, else the login,
 * which is one line in {@code $XDG_CACHE_HOME/forebay/login} of mode 0600.
 */
final class Session {
    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The server to talk to, instead of $$FOREBAY_SERVER or the login.")
    private String server;

    ControlClient client() throws IOException {
        return new ControlClient(uri());
    }

    URI uri() throws IOException {
        String chosen = server != null ? server : System.getenv("FOREBAY_SERVER");
        if (chosen != null && !chosen.isBlank()) {
            return checked(chosen);
        }
        return remembered()
                .orElseThrow(() ->
                        new IOException(
                                "not logged in: run 'forebay login URL', or give --server URL or FOREBAY_SERVER"));
    }

    static URI checked(String text) {
        URI uri = URI.create(text.strip());
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a server; expected http://HOST:PORT");
        }
        return uri;
    }

    static Optional<URI> remembered() throws IOException {
        Path file = file();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String text = Files.readString(file).strip();
        return text.isEmpty() ? Optional.empty() : Optional.of(checked(text));
    }

    /** Writes aside and renames, so that another command never reads half a login. */
    static void remember(String text) throws IOException {
        Path file = file();
        Files.createDirectories(file.getParent());
        Path aside =
                Files.createTempFile(
                        file.getParent(),
                        "login",
                        null,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(aside, text);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path file() {
        return folder("XDG_CACHE_HOME", ".cache").resolve("login");
    }

    /**
     * The program's folder below {@code $variable}, or below {@code fallback} in the home
     * directory.
     */
    static Path folder(String variable, String fallback) {
        String base = System.getenv(variable);
        Path root =
                base != null && !base.isBlank()
                        ? Path.of(base)
                        : Path.of(System.getProperty("user.home"), fallback);
        return root.resolve("forebay");
    }

    static void checkIsServer(URI uri) throws IOException {
        try {
            byte[] answer = new ControlClient(uri).call("GET", "/metadata", null, Map.of());
            if (answer.length == 0 || answer[0] != '{') {
                throw new IOException(uri + " does not appear to point to a valid server");
            }
        } catch (ControlPlaneException e) {
            throw new IOException(
                    uri + " does not appear to point to a valid server: " + e.getMessage(), e);
        }
    }
}
