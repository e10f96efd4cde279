package dev.forebay.cli;

import dev.forebay.client.ControlClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
    private static final int LARGEST_PAGE = 2000;

    @Mixin private Session session;
    @Mixin private Filters filters;
    @Mixin private Printing printing;
    @Spec private CommandSpec spec;

    @Option(names = "--soft-deleted", description = "Deleted ones; default: those that are not.")
    private boolean softDeleted;

    @Option(
            names = {"-l", "--limit"},
            paramLabel = "N",
            description = "At most so many; default: 1000, with a warning if there are more.")
    private Integer limit;

    @Option(names = "--all", description = "All there are.")
    private boolean all;

    @Override
    public Integer call() throws IOException {
        if (all && limit != null) {
            throw new IllegalArgumentException("give --limit or --all, not both");
        }
        if (limit != null && limit < 0) {
            throw new IllegalArgumentException("--limit must be 0 or more, not " + limit);
        }
        int most = all ? Integer.MAX_VALUE : limit != null ? limit : UNASKED;
        boolean warning = !all && limit == null;
        // One more than wanted tells whether there are more.
        List<Object> found = fetch(warning ? most + 1 : most);
        boolean truncated = found.size() > most;
        printing.all(truncated ? found.subList(0, most) : found);
        if (truncated && warning) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "Warning: the output was truncated. Specify the --limit parameter to increase the number"
                                    + " of elements, or --all.");
        }
        return 0;
    }

    private List<Object> fetch(int wanted) throws IOException {
        ControlClient client = session.client();
        List<Object> found = new ArrayList<>();
        String next =
                "/buffers?limit="
                        + Math.min(wanted, LARGEST_PAGE)
                        + (softDeleted ? "&softDeleted=true" : "")
                        + filters.query();
        do {
            Map<?, ?> page = Catalogue.object(client.call("GET", next, null, Map.of()));
            found.addAll((List<?>) page.get("items"));
            next = withoutVersion((String) page.get("nextLink"));
        } while (next != null && found.size() < wanted);
        return found.size() > wanted ? found.subList(0, wanted) : found;
    }

    /** The client adds the version itself. */
    private static @Nullable String withoutVersion(@Nullable String link) {
        return link == null
                ? null
                : link.replaceAll("([?&])api-version=[^&]*&?", "$1").replaceAll("[?&]$", "");
    }
}
