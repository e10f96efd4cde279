package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands on journals; none needs a server. */
@Command(
        name = "journal",
        description = "Look into a journal's directory, check it and mend it.",
        footerHeading = "%nExample:%n",
        footer = "  forebay journal verify DIR || forebay journal repair DIR",
        subcommands = {
            JournalInspectCommand.class,
            JournalVerifyCommand.class,
            JournalRepairCommand.class,
            JournalDumpCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class JournalCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return HelpWords.print(spec);
    }
}
