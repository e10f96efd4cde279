package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands on the data log: of a running server, of a data directory, or in a file. */
@Command(
        name = "log",
        description = "Record, query, download, export, check and mend the data log.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log export --file log.bddf --format csv -o csv",
        subcommands = {
            LogStatusCommand.class,
            LogRecordCommands.Comment.class,
            LogRecordCommands.Event.class,
            LogRecordCommands.Text.class,
            LogRecordCommands.Blob.class,
            LogEventsCommand.class,
            LogQueryCommand.class,
            LogTailCommand.class,
            LogPagesCommands.Pages.class,
            LogPagesCommands.NextToGo.class,
            LogDeleteCommand.class,
            LogAllowanceCommand.class,
            LogDownloadCommand.class,
            LogExportCommand.class,
            LogVerifyCommand.class,
            LogRecoverCommand.class,
            LogBundleCommand.class,
            LogTrustCommand.class
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class LogCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return HelpWords.print(spec);
    }
}
