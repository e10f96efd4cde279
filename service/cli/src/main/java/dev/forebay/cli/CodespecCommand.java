package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands on codespecs. */
@Command(
        name = "codespec",
        aliases = "codespecs",
        description = "Name programs that can be executed.",
        subcommands = {
            CodespecCreateCommand.class,
            CodespecShowCommand.class,
            CodespecListCommand.class,
            CodespecSetCommand.class
        },
        footerHeading = "%nExample:%n",
        footer = "  forebay codespec create denoise --image busybox -i in -o out -- cat",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class CodespecCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "expected a command on codespecs");
    }
}
