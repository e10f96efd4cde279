package dev.forebay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Makes the files of {@link KeptCommands}; the launcher runs it before it makes the AOT caches. */
@Command(
        name = "keep-commands",
        hidden = true,
        description = "Keep the descriptions of commands for quick starts.")
final class KeepCommandsCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        KeptCommands kept = KeptCommands.ofProcess();
        for (Object command : FastCommands.all()) {
            kept.keep(command);
        }
        kept.keepOutline((Forebay) spec.root().userObject());
        return 0;
    }
}
