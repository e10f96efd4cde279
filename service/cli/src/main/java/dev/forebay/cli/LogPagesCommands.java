package dev.forebay.cli;

import dev.forebay.datalog.PageSummary;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that list pages. */
final class LogPagesCommands {
    private static final String[] COLUMNS = {
        "id", "from", "to", "bytes", "entries", "open", "preserve"
    };

    private LogPagesCommands() {}

    private static List<Map<String, Object>> rows(List<PageSummary> pages) {
        return pages.stream()
                .map(page -> {
                    Map<String, Object> row = new LinkedHashMap<>();
                    row.put("id", page.id());
                    page.range()
                            .ifPresent(range -> {
                                row.put("from", range.from());
                                row.put("to", range.to());
                            });
                    row.put("bytes", page.bytes());
                    row.put("entries", page.entries());
                    row.put("open", page.open());
                    row.put("preserve", page.preserve());
                    return row;
                })
                .toList();
    }

    /** Lists pages. */
    @Command(
            name = "pages",
            description = "List the pages of a log with entries in a span.",
            footerHeading = "%nExample:%n",
            footer = "  forebay log pages --data DIR --from 1h",
            mixinStandardHelpOptions = true)
    static final class Pages implements Callable<Integer> {
        @Mixin private LogPlace place;
        @Mixin private Rows output;

        @Option(
                names = "--from",
                paramLabel = "TIME",
                converter = LogTime.class,
                description = "The earliest time, such as 2026-01-31T10:00:00Z or 15m.")
        private Long from;

        @Option(
                names = "--to",
                paramLabel = "TIME",
                converter = LogTime.class,
                description = "The latest time, likewise.")
        private Long to;

        @Override
        public Integer call() throws IOException {
            StringJoiner query = new StringJoiner("&", "pages?", "");
            LogSelection.span(query, LogSelection.range(from, to));
            Object pages =
                    place.<Object>ask(
                            log -> rows(log.pages(LogSelection.range(from, to))),
                            client -> client.get(query.toString()));
            output.list((List<?>) pages, COLUMNS);
            return 0;
        }
    }

    /** Lists pages in the order in which they go. */
    @Command(
            name = "next-to-go",
            description = "List the pages in the order in which they go when room is short.",
            footerHeading = "%nExample:%n",
            footer = "  forebay log next-to-go --data DIR",
            mixinStandardHelpOptions = true)
    static final class NextToGo implements Callable<Integer> {
        @Mixin private LogPlace place;
        @Mixin private Rows output;

        @Override
        public Integer call() throws IOException {
            Object pages =
                    place.<Object>ask(
                            log -> rows(log.nextToGo()), client -> client.get("next-to-go"));
            output.list((List<?>) pages, COLUMNS);
            return 0;
        }
    }
}
