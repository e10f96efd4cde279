package dev.forebay.cli;

import dev.forebay.journal.Recovery;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Mends a journal that is not in use; what cannot be read is copied aside, never deleted. */
@Command(
        name = "repair",
        description = "Set a journal's damage aside, cut its torn end, and print what was found.",
        footerHeading = "%nExample:%n",
        footer = "  forebay journal repair DIR",
        mixinStandardHelpOptions = true)
final class JournalRepairCommand implements Callable<Integer> {
    @Mixin private JournalDirectory directory;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Recovery mended = directory.tool().repair();
        Shell.of(spec).out().println(Json.writeIndented(JournalDirectory.json(mended)));
        return 0;
    }
}
