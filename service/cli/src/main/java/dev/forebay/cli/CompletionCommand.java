package dev.forebay.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints what a shell needs to complete the words of this program. */
@Command(
        name = "completion",
        description = "Print a script that completes this program's words in bash and zsh.",
        footerHeading = "%nExample:%n",
        footer = {
            "  source <(forebay completion)",
            "In zsh, first: autoload -U +X bashcompinit && bashcompinit"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        CommandLine program = spec.root().commandLine();
        spec.commandLine().getOut().print(AutoComplete.bash(program.getCommandName(), program));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
