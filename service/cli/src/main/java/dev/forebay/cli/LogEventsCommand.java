package dev.forebay.cli;

import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.EventQuery;
import dev.forebay.datalog.EventsAndComments;
import dev.forebay.datalog.export.KnownMessages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints events and comments, the newest that fit into one answer. */
@Command(
        name = "events",
        description = "Print events and comments, the newest 1024 of each.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log events --data DIR --from 24h --level 3",
        mixinStandardHelpOptions = true)
final class LogEventsCommand implements Callable<Integer> {
    private static final int HIGHEST = 5;

    @Mixin private LogPlace place;
    @Mixin private Rows rows;

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

    @Option(names = "--type", paramLabel = "NAME", description = "Only events of this type.")
    private String type = "";

    @Option(names = "--source", paramLabel = "NAME", description = "Only events of this source.")
    private String source = "";

    @Option(
            names = "--level",
            paramLabel = "N",
            description = "Only events of at least this level, 1 (low) to 5 (system critical).")
    private int level;

    @Override
    public Integer call() throws IOException {
        if (level < 0 || level > HIGHEST) {
            throw new IllegalArgumentException("--level must be 0 to 5, not " + level);
        }
        StringJoiner query = new StringJoiner("&", "events?", "");
        LogSelection.span(query, LogSelection.range(from, to));
        query.add("level=" + level);
        if (!type.isEmpty()) {
            query.add("type=" + LogSelection.encoded(type));
        }
        if (!source.isEmpty()) {
            query.add("source=" + LogSelection.encoded(source));
        }
        Object found = place.<Object>ask(this::events, client -> client.get(query.toString()));
        if (rows.isTable() && found instanceof Map<?, ?> parts) {
            rows.list(lines(parts), "time", "level", "type", "source", "text");
        } else {
            rows.keys(found);
        }
        return 0;
    }

    /** Events and comments as lines of one table, each in their order. */
    private static List<Map<String, Object>> lines(Map<?, ?> parts) {
        List<Map<String, Object>> lines = new ArrayList<>();
        for (String part : List.of("events", "comments")) {
            if (parts.get(part) instanceof List<?> found) {
                for (Object each : found) {
                    if (each instanceof Map<?, ?> entry) {
                        lines.add(line(entry));
                    }
                }
            }
        }
        return lines;
    }

    private static Map<String, Object> line(Map<?, ?> entry) {
        boolean event = entry.containsKey("start_time");
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", String.valueOf(entry.get(event ? "start_time" : "timestamp")));
        line.put("level", event ? String.valueOf(entry.get("level")) : "-");
        line.put("type", event ? String.valueOf(entry.get("type")) : "comment");
        line.put("source", event ? String.valueOf(entry.get("source")) : "-");
        line.put("text", String.valueOf(entry.get(event ? "description" : "message")));
        return line;
    }

    private Map<String, Object> events(DataLog log) {
        EventQuery.EventSpec fits =
                new EventQuery.EventSpec(source, type, OptionalInt.of(level), false);
        EventsAndComments found =
                log.events(
                        new EventQuery(
                                LogSelection.range(from, to),
                                List.of(fits),
                                true,
                                EventQuery.MOST,
                                EventQuery.MOST));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("events", decoded(KnownMessages.EVENT, found.events()));
        json.put("comments", decoded(KnownMessages.COMMENT, found.comments()));
        json.put("eventsLimited", found.eventsLimited());
        json.put("commentsLimited", found.commentsLimited());
        return json;
    }

    static List<Map<String, @Nullable Object>> decoded(String type, List<ByteBuffer> messages) {
        return messages.stream()
                .map(message -> KnownMessages.decode(type, message))
                .flatMap(Optional::stream)
                .toList();
    }
}
