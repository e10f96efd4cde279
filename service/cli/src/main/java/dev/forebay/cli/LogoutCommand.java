package dev.forebay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Forgets the server. */
@Command(
        name = "logout",
        description = "Forget the server of the login.",
        footerHeading = "%nExample:%n",
        footer = "  forebay logout",
        mixinStandardHelpOptions = true)
final class LogoutCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        new Login(Shell.of(spec)).forget();
        return 0;
    }
}
