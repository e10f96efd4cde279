package dev.forebay.cli;

import dev.forebay.datalog.Deletion;
import dev.forebay.datalog.TimeRange;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Deletes pages by their numbers, and those that overlap a span. */
@Command(
        name = "delete",
        description = "Delete pages of a log for good; 'pages' lists them.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log delete --data DIR 7 8",
        mixinStandardHelpOptions = true)
final class LogDeleteCommand implements Callable<Integer> {
    @Mixin private LogPlace place;
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "The numbers of pages.")
    private List<Long> ids = new ArrayList<>();

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = LogTime.class,
            description = "Also every page with an entry from this time on.")
    private Long from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = LogTime.class,
            description = "Also every page with an entry up to this time.")
    private Long to;

    @Override
    public Integer call() throws IOException {
        TimeRange range = LogSelection.range(from, to);
        if (ids.isEmpty() && range.equals(TimeRange.ALL)) {
            throw new IllegalArgumentException("expected the ID of a page, --from or --to");
        }
        StringJoiner query = new StringJoiner("&", "pages?", "");
        LogSelection.span(query, range);
        ids.forEach(id -> query.add("id=" + id));
        Map<String, Object> deleted =
                place.ask(
                        log ->
                                json(
                                        log.delete(
                                                range.equals(TimeRange.ALL)
                                                        ? Optional.empty()
                                                        : Optional.of(range),
                                                ids)),
                        client -> client.delete(query.toString()));
        Shell.of(spec).out().println(PlainJson.writeIndented(deleted));
        return 0;
    }

    private static Map<String, Object> json(Deletion deletion) {
        Map<String, Object> pages = new LinkedHashMap<>();
        deletion.pages().forEach((id, outcome) -> pages.put(id.toString(), outcome.name()));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bytes", deletion.bytes());
        json.put("pages", pages);
        return json;
    }
}
