package dev.forebay.cli;

import dev.forebay.client.BufferInfo;
import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists buffers, page by page. */
@Command(
        name = "list",
        description = "List buffers, newest first.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer list --tag device=scanner-7 --format table",
        mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    @Mixin private Session session;
    @Mixin private BufferSearchOptions filters;
    @Mixin private ListLimit limit;
    @Mixin private Printing printing;
    @Spec private CommandSpec spec;

    @Option(names = "--soft-deleted", description = "Deleted ones; default: those that are not.")
    private boolean softDeleted;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the IDs only, one a line.")
    private boolean idsOnly;

    @Override
    public Integer call() throws IOException {
        if (idsOnly && printing.isChosen()) {
            throw new IllegalArgumentException("give --quiet or --format, not both");
        }
        limit.check();
        ForebayClient client = session.client();
        List<BufferInfo> shown = limit.take(most -> client.list(filters.filter(softDeleted), most));
        if (idsOnly) {
            PrintWriter out = Shell.of(spec).out();
            shown.forEach(buffer -> out.println(buffer.id()));
        } else {
            printing.all(shown);
        }
        limit.warn();
        return 0;
    }
}
