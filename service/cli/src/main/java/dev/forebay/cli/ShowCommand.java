package dev.forebay.cli;

import dev.forebay.client.RemoteBuffer;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what the catalogue knows of one buffer. */
@Command(
        name = "show",
        description = "Print a buffer.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer show ID",
        mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private Printing printing;

    @Parameters(paramLabel = "ID", description = "The buffer.")
    private String id;

    @Option(names = "--soft-deleted", description = "A deleted one.")
    private boolean softDeleted;

    @Override
    public Integer call() throws IOException {
        RemoteBuffer buffer = session.client().buffer(id);
        printing.one(
                RefusalHints.on(id, "ask again", softDeleted ? buffer::deletedInfo : buffer::info));
        return 0;
    }
}
