package dev.forebay.cli;

import dev.forebay.client.RunSearch;
import dev.forebay.control.ControlException;
import dev.forebay.control.RunFilter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which runs a command is about. What no server takes is refused before one is asked. */
final class RunFilters {
    @Mixin private SearchOptions search;

    @Option(
            names = "--status",
            paramLabel = "EXPR",
            converter = Status.class,
            description =
                    "Those of this status, or such as 'Running || !(Failed && Canceled)': ! before && before ||; repeat for more.")
    private List<String> statuses = new ArrayList<>();

    @Option(
            names = "--codespec",
            paramLabel = "NAME",
            converter = Codespec.class,
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

    /** An expression over statuses. */
    static final class Status extends OptionValues.Converter<String> {
        Status() {
            super(text -> {
                try {
                    var _ = RunFilter.states(List.of(text));
                    return text;
                } catch (ControlException e) {
                    throw new IllegalArgumentException(e.getMessage(), e);
                }
            });
        }
    }

    /** A name, or a name with a version. */
    static final class Codespec extends OptionValues.Converter<String> {
        Codespec() {
            super(text -> {
                if (!RunFilter.isCodespec(text)) {
                    throw new IllegalArgumentException(
                            "'%s' is not a codespec; expected NAME or NAME/versions/N, where a name has a-z, 0-9, '-', '_' and '.'"
                                    .formatted(text));
                }
                return text;
            });
        }
    }
}
