package dev.forebay.cli;

import dev.forebay.client.BufferInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists buffers, page by page; 1000 and a warning unless told how many. */
@Command(
        name = "list",
        description = "List buffers, newest first.",
        footerHeading = "%nExample:%n",
        footer = "  forebay buffer list --tag device=scanner-7 --format table",
        mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    private static final int UNASKED = 1000;

    @Mixin private Session session;
    @Mixin private Filters filters;
    @Mixin private Printing printing;
    @Spec private CommandSpec spec;

    @Option(names = "--soft-deleted", description = "Deleted ones; default: those that are not.")
    private boolean softDeleted;

    @Option(
            names = {"-l", "--limit"},
            paramLabel = "N",
            description = "Print at most N; default: 1000, with a warning if there are more.")
    private Integer limit;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the IDs only, one a line.")
    private boolean idsOnly;

    @Option(names = "--all", description = "All there are.")
    private boolean all;

    @Override
    public Integer call() throws IOException {
        if (all && limit != null) {
            throw new IllegalArgumentException("give --limit or --all, not both");
        }
        if (idsOnly && printing.isChosen()) {
            throw new IllegalArgumentException("give --quiet or --format, not both");
        }
        if (limit != null && limit < 0) {
            throw new IllegalArgumentException("--limit must be 0 or more, not " + limit);
        }
        int most = all ? Integer.MAX_VALUE : limit != null ? limit : UNASKED;
        boolean warning = !all && limit == null;
        // One more than wanted tells whether there are more.
        List<BufferInfo> found =
                session.client().list(filters.filter(softDeleted), warning ? most + 1 : most);
        boolean truncated = found.size() > most;
        List<BufferInfo> shown = truncated ? found.subList(0, most) : found;
        if (idsOnly) {
            PrintWriter out = Shell.of(spec).out();
            shown.forEach(buffer -> out.println(buffer.id()));
        } else {
            printing.all(shown);
        }
        if (truncated && warning) {
            Shell.of(spec)
                    .err()
                    .println(
                            "Warning: the output was truncated. Specify the --limit parameter to increase the number"
                                    + " of elements, or --all.");
        }
        return 0;
    }
}
