package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The users of a server, for the data log. */
@Command(
        name = "user",
        description = "Say who may use the data log of a server; others cannot.",
        footerHeading = "%nExample:%n",
        footer = "  forebay user add operator --password-file password.txt",
        subcommands = {
            UserCommands.Add.class,
            UserCommands.ListAll.class,
            UserCommands.Remove.class,
            UserCommands.Password.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class UserCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return HelpWords.print(spec);
    }
}
