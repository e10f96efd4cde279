package dev.forebay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Forgets the server. */
@Command(
        name = "logout",
        description = "Forget the server of the login.",
        mixinStandardHelpOptions = true)
final class LogoutCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        Session.remember("");
        return 0;
    }
}
