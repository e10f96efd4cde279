package dev.forebay.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Counts buffers. */
@Command(
        name = "count",
        description = "Print how many buffers there are.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer count --tag device=scanner-7",
        mixinStandardHelpOptions = true)
final class CountCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private BufferSearchOptions filters;
    @Spec private CommandSpec spec;

    @Option(names = "--soft-deleted", description = "Deleted ones; default: those that are not.")
    private boolean softDeleted;

    @Override
    public Integer call() throws IOException {
        Shell.of(spec).out().println(session.client().count(filters.filter(softDeleted)));
        return 0;
    }
}
