package dev.forebay.cli;

import java.util.List;
import java.util.function.IntFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How much of a listing a command prints; 1000 and a warning unless told how many. */
final class ListLimit {
    private static final int UNASKED = 1000;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"-l", "--limit"},
            paramLabel = "N",
            description = "Print at most N; default: 1000, with a warning if there are more.")
    private Integer limit;

    @Option(names = "--all", description = "All there are.")
    private boolean all;

    private boolean truncated;

    /** Refuses options that do not go together, before anything is asked. */
    void check() {
        if (all && limit != null) {
            throw new IllegalArgumentException("give --limit or --all, not both");
        }
        if (limit != null && limit < 0) {
            throw new IllegalArgumentException("--limit must be 0 or more, not " + limit);
        }
    }

    /**
     * What is to be printed.
     *
     * @param listing the first things of the listing, at most as many as it is given
     */
    <T> List<T> take(IntFunction<List<T>> listing) {
        if (all || limit != null) {
            return listing.apply(all ? Integer.MAX_VALUE : limit);
        }
        // One more than wanted tells whether there are more.
        List<T> found = listing.apply(UNASKED + 1);
        truncated = found.size() > UNASKED;
        return truncated ? found.subList(0, UNASKED) : found;
    }

    /** Says, behind what was printed, that there are more. */
    void warn() {
        if (truncated) {
            Shell.of(spec)
                    .err()
                    .println(
                            "Warning: the output was truncated. Specify the --limit parameter to increase the number"
                                    + " of elements, or --all.");
        }
    }
}
