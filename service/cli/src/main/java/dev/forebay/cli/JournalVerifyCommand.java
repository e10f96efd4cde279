package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.journal.Recovery;
import dev.forebay.wire.Json;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Reads a journal from end to end. A torn end is no damage: it was never acknowledged as synced.
 */
@Command(
        name = "verify",
        description = "Read and check a whole journal; exit code 3 if it is damaged.",
        footerHeading = "%nExample:%n",
        footer = "  forebay journal verify DIR",
        mixinStandardHelpOptions = true)
final class JournalVerifyCommand implements Callable<Integer> {
    @Mixin private JournalDirectory directory;
    @Spec private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Recovery found = directory.tool().verify();
        Shell.of(spec).out().println(Json.writeIndented(JournalDirectory.json(found)));
        if (!found.damage().isEmpty()) {
            throw new DamagedException(directory.complaint(found.damage()));
        }
        return 0;
    }
}
