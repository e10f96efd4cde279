package dev.forebay.cli;

import dev.forebay.client.RemoteRuns;
import dev.forebay.client.RunInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The commands that find runs, show and change them. */
final class RunCommands {
    private static final String[] COLUMNS = {"id", "status", "createdAt", "job.codespec", "tags"};

    private RunCommands() {}

    /** Prints one run. */
    @Command(
            name = "show",
            aliases = "get",
            description = "Print a run.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run show 12",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private RunArgument run;
        @Mixin private Rows rows;

        @Override
        public Integer call() throws IOException {
            RunInfo found = run.ask(session, RemoteRuns::get);
            rows.one(found.json(), COLUMNS);
            return 0;
        }
    }

    /** Lists runs, page by page. */
    @Command(
            name = "list",
            description = "List runs, newest first.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run list --status '!Succeeded' --codespec denoise --since 24h",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private RunFilters filters;
        @Mixin private ListLimit limit;
        @Mixin private Rows rows;

        @Override
        public Integer call() throws IOException {
            limit.check();
            RemoteRuns runs = session.client().runs();
            List<Object> found =
                    limit.take(most -> runs.list(filters.search(), most)).stream()
                            .<Object>map(RunInfo::json)
                            .toList();
            rows.list(found, COLUMNS);
            limit.warn();
            return 0;
        }
    }

    /** Counts runs. */
    @Command(
            name = "counts",
            aliases = "count",
            description = "Print how many runs there are of each status.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run counts --since 24h",
            mixinStandardHelpOptions = true)
    static final class Counts implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private RunFilters filters;
        @Mixin private Rows rows;

        @Override
        public Integer call() throws IOException {
            Map<String, Object> counts = session.client().runs().counts(filters.search());
            rows.keys(counts);
            return 0;
        }
    }

    /**
     * Changes the tags of a run. Without {@code --clear-tags} the tags there are stay, and those
     * given are laid over them, on the version that was read.
     */
    @Command(
            name = "set",
            description = "Change the tags of a run, and print it.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run set 12 --tag state=checked",
            mixinStandardHelpOptions = true)
    static final class SetTags implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private RunArgument run;
        @Mixin private Rows rows;

        @Mixin private TagChange tags;

        @Option(
                names = "--etag",
                paramLabel = "ETAG",
                description = "Only if this is its version, the eTag of 'show'; default: any.")
        private String etag;

        @Override
        public Integer call() throws IOException {
            Map<String, String> now = Map.of();
            String presumed = etag;
            if (!tags.clears()) {
                RunInfo found = run.ask(session, RemoteRuns::get);
                now = found.tags();
                // What is laid over the tags that were read must not undo another change.
                presumed = etag == null ? found.eTag() : etag;
            }
            Map<String, String> then = tags.applyTo(now);
            String ifVersion = presumed;
            RunInfo set = run.ask(session, (runs, id) -> runs.setTags(id, then, ifVersion));
            rows.one(set.json(), COLUMNS);
            return 0;
        }
    }

    /** Asks for the end of a run. */
    @Command(
            name = "cancel",
            aliases = "stop",
            description = "Cancel a run; what has ended stays as it is.",
            footerHeading = "%nExample:%n",
            footer = "  forebay run cancel 12",
            mixinStandardHelpOptions = true)
    static final class Cancel implements Callable<Integer> {
        @Mixin private Session session;
        @Mixin private RunArgument run;
        @Spec private CommandSpec spec;

        @Override
        public Integer call() throws IOException {
            long id = run.id();
            String status = run.ask(session, RemoteRuns::cancel).status();
            switch (status) {
                case "Canceling" -> Shell.of(spec).out().println("Cancel issued for job " + id);
                case "Canceled" -> Shell.of(spec).out().println("Job " + id + " has been canceled");
                default ->
                        throw new IOException(
                                "the run %d was not canceled: it is %s already"
                                        .formatted(id, status));
            }
            return 0;
        }
    }
}
