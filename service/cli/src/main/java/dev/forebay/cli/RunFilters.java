package dev.forebay.cli;

import dev.forebay.client.RunSearch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which runs a command is about. */
final class RunFilters {
    @Mixin private SearchOptions search;

    @Option(
            names = "--status",
            paramLabel = "EXPR",
            description =
                    "Those of this status, or such as 'Running || !(Failed && Canceled)': ! before && before ||; repeat for more.")
    private List<String> statuses = new ArrayList<>();

    @Option(
            names = "--codespec",
            paramLabel = "NAME",
            description = "Those of this codespec, NAME or NAME/versions/N.")
    private String codespec;

    @Option(
            names = "--finished-after",
            paramLabel = "TIME",
            converter = SearchOptions.Time.class,
            description = "Those that ended after it, the latest end first.")
    private Instant finishedAfter;

    @Option(
            names = "--finished-before",
            paramLabel = "TIME",
            converter = SearchOptions.Time.class,
            description = "Those that ended before it, the latest end first.")
    private Instant finishedBefore;

    RunSearch search() {
        return new RunSearch(
                statuses,
                search.tags(),
                search.tagKeys(),
                codespec,
                search.createdAfter(),
                search.createdBefore(),
                finishedAfter,
                finishedBefore);
    }
}
