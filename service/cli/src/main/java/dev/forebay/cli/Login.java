package dev.forebay.cli;

import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server that is remembered: a line in {@code $XDG_CACHE_HOME/forebay/login} of mode 0600, none
 * after a logout; a second line names the file of the certificates to trust there, if it was given,
 * and a third one the proxy.
 */
final class Login {
    private static final int LAST_PORT = 65_535;

    private final Shell shell;

    Login(Shell shell) {
        this.shell = shell;
    }

    private Path file() {
        return shell.folder("XDG_CACHE_HOME", ".cache").resolve("login");
    }

    Optional<URI> server() throws IOException {
        if (!Files.exists(file())) {
            return Optional.empty();
        }
        return line(0).map(text -> checked(file().toString(), text));
    }

    /** Whom to trust at {@code uri}, if it is on the server and certificates were given for it. */
    Optional<Path> certificates(URI uri) throws IOException {
        boolean same =
                server().filter(each -> each.getAuthority().equals(uri.getAuthority())).isPresent();
        return same ? line(1).map(FileNames::path) : Optional.empty();
    }

    /** The proxy before servers, as it was given; empty: none was, or nobody is logged in. */
    Optional<String> proxy() throws IOException {
        return shell.folderIfKnown("XDG_CACHE_HOME", ".cache")
                        .filter(folder -> Files.exists(folder.resolve("login")))
                        .isPresent()
                ? line(2)
                : Optional.empty();
    }

    private Optional<String> line(int number) throws IOException {
        return Files.readAllLines(file()).stream()
                .skip(number)
                .findFirst()
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    void remember(URI server, Optional<Path> certificates, Optional<String> proxy)
            throws IOException {
        String second = certificates.map(path -> path.toAbsolutePath().toString()).orElse("");
        String all = "%s\n%s\n%s".formatted(server, second, proxy.orElse(""));
        replace(all.stripTrailing() + "\n");
    }

    void forget() throws IOException {
        replace("");
    }

    /** Writes aside and renames, so that another command never reads half a login. */
    private void replace(String text) throws IOException {
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

    /**
     * The URL of a server, without slashes at its end.
     *
     * @param where it was said
     * @throws IllegalArgumentException if it is none
     */
    static URI checked(String where, String text) {
        String trimmed = text.strip().replaceAll("/+$", "");
        try {
            URI uri = inLowerCase(URI.create(trimmed));
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean bare =
                    uri.getRawUserInfo() == null
                            && uri.getRawQuery() == null
                            && uri.getRawFragment() == null;
            if (http && bare && uri.getHost() != null && isPort(uri.getPort())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw notServer(where, text, e);
        }
        throw notServer(where, text, null);
    }

    /** Schemes and hosts are the same in any case. */
    private static URI inLowerCase(URI uri) {
        String authority = uri.getRawAuthority();
        if (uri.getScheme() == null || authority == null) {
            return uri;
        }
        String place = uri.getScheme() + "://" + authority;
        return URI.create(
                place.toLowerCase(Locale.ROOT) + uri.toString().substring(place.length()));
    }

    /** One that is not given is that of the scheme. */
    private static boolean isPort(int port) {
        return port == -1 || port > 0 && port <= LAST_PORT;
    }

    private static IllegalArgumentException notServer(
            String where, String text, @Nullable IllegalArgumentException cause) {
        return new IllegalArgumentException(
                where
                        + ": '"
                        + text
                        + "' is not a server; expected http://HOST:PORT or https://HOST:PORT",
                cause);
    }

    /** What the server says of itself; anything else that answers there is an error. */
    static Map<String, Object> metadata(URI server, TlsTrust trust, HttpProxy proxy)
            throws IOException {
        try {
            return new ForebayClient(server, trust).through(proxy).metadata();
        } catch (ControlPlaneException e) {
            throw new IOException(
                    server + " does not appear to point to a valid server: " + e.getMessage(), e);
        }
    }
}
