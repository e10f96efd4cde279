package dev.forebay.cli;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Remembers a server. */
@Command(
        name = "login",
        description = "Remember a server, so that --server is not needed.",
        subcommands = LoginCommand.Status.class,
        mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "SERVER_URL",
            description = "Such as http://127.0.0.1:7720.")
    private String server;

    @Override
    public Integer call() throws IOException {
        URI uri = Session.checked(server.replaceAll("/+$", ""));
        Session.checkIsServer(uri);
        Session.remember(uri + "\n");
        return 0;
    }

    /** Says where one is logged in. */
    @Command(
            name = "status",
            description = "Say which server is remembered.",
            mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {
        @Spec private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            URI uri =
                    Session.remembered()
                            .orElseThrow(() ->
                                    new IOException(
                                            "run 'forebay login URL' to connect to a server"));
            Session.checkIsServer(uri);
            spec.commandLine().getOut().println("You are logged in to " + uri);
            return 0;
        }
    }
}
