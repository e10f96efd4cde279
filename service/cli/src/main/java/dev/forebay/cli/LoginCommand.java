package dev.forebay.cli;

import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Remembers a server, once it has answered as one. */
@Command(
        name = "login",
        description = "Remember a server, so that --server is not needed.",
        subcommands = LoginCommand.Status.class,
        footerHeading = "%nExample:%n",
        footer = "  forebay login http://127.0.0.1:7720",
        mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            arity = "0..1", // A sub-command stands without one.
            paramLabel = "SERVER_URL",
            description = "The server, such as http://127.0.0.1:7720.")
    private String server;

    @Override
    public Integer call() throws IOException {
        if (server == null) {
            throw new ParameterException(
                    spec.commandLine(), "Missing required parameter: 'SERVER_URL'");
        }
        URI uri = Login.checked("SERVER_URL", server);
        Login.metadata(uri);
        new Login(Shell.of(spec)).remember(uri);
        return 0;
    }

    /** Says where one is logged in. */
    @Command(
            name = "status",
            description = "Say which server is remembered, and whether it answers.",
            footerHeading = "%nExample:%n",
            footer = "  forebay login status --format json",
            mixinStandardHelpOptions = true,
            showDefaultValues = true)
    static final class Status implements Callable<Integer> {
        /** How to say it. */
        enum Format {
            TEXT,
            JSON;

            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Spec private CommandSpec spec;

        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                defaultValue = "text",
                description = "How to say it: ${COMPLETION-CANDIDATES}.")
        private Format format;

        @Override
        public Integer call() throws IOException {
            URI uri =
                    new Login(Shell.of(spec))
                            .server()
                            .orElseThrow(() ->
                                    new IOException(
                                            "not logged in: run 'forebay login URL' to connect to a"
                                                    + " server"));
            Map<String, Object> metadata = Login.metadata(uri);
            PrintWriter out = Shell.of(spec).out();
            if (format == Format.TEXT) {
                out.println("You are logged in to " + uri);
                return 0;
            }
            Map<String, Object> status = new LinkedHashMap<>();
            status.put("serverUrl", uri.toString());
            status.put("metadata", metadata);
            out.println(PlainJson.writeIndented(status));
            return 0;
        }
    }
}
