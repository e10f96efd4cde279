package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands on buffers. */
@Command(
        name = "buffer",
        aliases = "buffers",
        description = "Create, write, read and manage buffers.",
        subcommands = {
            CreateCommand.class,
            WriteCommand.class,
            ReadCommand.class,
            GenCommand.class,
            AccessCommand.class,
            ShowCommand.class,
            SetCommand.class,
            ListCommand.class,
            CountCommand.class,
            RemovalCommands.Delete.class,
            RemovalCommands.Restore.class,
            RemovalCommands.Purge.class,
            StorageAccountCommand.class
        },
        footerHeading = "%nExample:%n",
        footer = "  id=$$(forebay buffer create); acquire | forebay buffer write $$id",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class BufferCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        return HelpWords.print(spec);
    }
}
