package dev.forebay.cli;

import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
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

    ForebayClient client() throws IOException {
        return new ForebayClient(uri());
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
