package dev.forebay.cli;

import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Which server a command talks to: {@code --server}, else {@code FOREBAY_SERVER}, else the login.
 */
final class Session {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description =
                    "The server to talk to, such as http://127.0.0.1:7720; default: $$FOREBAY_SERVER, else the login.")
    private String server;

    @Option(
            names = "--tls-certificates",
            paramLabel = "PEM",
            description =
                    "Whom to trust with https; default: $$FOREBAY_TLS_CERTIFICATES, else as the login says, else whom Java trusts.")
    private Path certificates;

    @Option(
            names = ProxyChoice.OPTION,
            paramLabel = ProxyChoice.LABEL,
            description = ProxyChoice.HELP)
    private String proxy;

    ForebayClient client() throws IOException {
        URI uri = uri();
        return new ForebayClient(uri, trust(uri)).through(proxy()).tracing(Shell.of(spec)::trace);
    }

    /** What stands before servers: as the user says, else as the login says. */
    HttpProxy proxy() throws IOException {
        return ProxyChoice.ofOption(proxy, Shell.of(spec));
    }

    /**
     * Which certificates are trusted at {@code uri}: those given, those of its login, or Java's.
     */
    TlsTrust trust(URI uri) throws IOException {
        return trust(certificates, uri, Shell.of(spec));
    }

    /**
     * Those of {@code given}, else of the variable, else of the login at {@code uri}, or Java's.
     */
    static TlsTrust trust(@Nullable Path given, URI uri, Shell shell) throws IOException {
        if (given != null) {
            return TlsTrust.ofFile(given);
        }
        String variable = shell.variable("FOREBAY_TLS_CERTIFICATES");
        if (variable != null) {
            return TlsTrust.ofFile(FileNames.path(variable));
        }
        return trust(uri, new Login(shell));
    }

    /** Those of the login if it is one at {@code uri}, else Java's. */
    static TlsTrust trust(URI uri, Login login) throws IOException {
        boolean secure = "https".equals(uri.getScheme());
        Optional<Path> file = secure ? login.certificates(uri) : Optional.empty();
        return file.isEmpty() ? TlsTrust.ofJava() : TlsTrust.ofFile(file.get());
    }

    URI uri() throws IOException {
        return uri(server, Shell.of(spec));
    }

    /** The server that {@code --server} names, else the variable, else the login. */
    static URI uri(@Nullable String server, Shell shell) throws IOException {
        if (server != null) {
            return Login.checked("--server", server);
        }
        String variable = shell.variable("FOREBAY_SERVER");
        if (variable != null) {
            return Login.checked("FOREBAY_SERVER", variable);
        }
        return new Login(shell)
                .server()
                .orElseThrow(() ->
                        new IOException(
                                "not logged in: run 'forebay login URL', or give --server URL or FOREBAY_SERVER"));
    }

    /** Tells the user what is going on. */
    void warn(String said) {
        Shell.of(spec).err().println("Warning: " + said);
    }

    static Path folder(String variable, String fallback) {
        return Shell.system().folder(variable, fallback);
    }
}
