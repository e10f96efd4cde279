package dev.forebay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what the catalogue knows of one buffer. */
@Command(
        name = "show",
        description = "Print a buffer as JSON.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer show ID",
        mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "The buffer.")
    private String id;

    @Option(names = "--soft-deleted", description = "A deleted one.")
    private boolean softDeleted;

    @Override
    public Integer call() throws IOException {
        byte[] answer =
                new Catalogue(session.client())
                        .one("GET", id, softDeleted ? "?softDeleted=true" : "", "ask again");
        spec.commandLine().getOut().println(Catalogue.indented(answer));
        return 0;
    }
}
