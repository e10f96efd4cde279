package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands on runs. */
@Command(
        name = "run",
        aliases = "runs",
        description = "Execute, follow, search, show, tag and cancel runs.",
        subcommands = {
            RunCreateCommand.class,
            RunExecCommand.class,
            RunFollowCommands.Watch.class,
            RunFollowCommands.Logs.class,
            RunCommands.Show.class,
            RunCommands.ListAll.class,
            RunCommands.Counts.class,
            RunCommands.SetTags.class,
            RunCommands.Cancel.class
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay run list --status 'Running || Pending' --tag patient=208",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class RunCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected a command on runs");
    }
}
