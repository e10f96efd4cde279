package dev.forebay.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
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
        takeBuffersForFiles(program);
        Shell.of(spec).out().print(AutoComplete.bash(program.getCommandName(), program));
        Shell.of(spec).out().flush();
        return 0;
    }

    /** A buffer may be named by a file, which is all of it that a shell can complete. */
    private static void takeBuffersForFiles(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        for (PositionalParamSpec each : List.copyOf(spec.positionalParameters())) {
            if (each.paramLabel().equals(BufferArgument.LABEL)) {
                spec.remove(each);
                spec.addPositional(
                        PositionalParamSpec.builder()
                                .paramLabel(each.paramLabel())
                                .index(each.index())
                                .type(Path.class)
                                .build());
            }
        }
        command.getSubcommands().values().forEach(CompletionCommand::takeBuffersForFiles);
    }
}
