package dev.forebay.cli;

import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
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
        if (server != null) {
            return Login.checked("--server", server);
        }
        Shell shell = Shell.of(spec);
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
