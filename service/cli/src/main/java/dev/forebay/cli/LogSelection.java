package dev.forebay.cli;

import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.TimeRange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.StringJoiner;
import picocli.CommandLine.Option;

/** Which entries of a log are meant; without any filter all are. */
final class LogSelection {
    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = LogTime.class,
            description =
                    "The earliest: 2026-01-31T10:00:00Z, nanoseconds since 1970, or 15m for 15 minutes ago.")
    private Long from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = LogTime.class,
            description = "The latest, likewise; it is included.")
    private Long to;

    @Option(
            names = "--channel",
            paramLabel = "NAME",
            description = "Only this channel; repeat for more.")
    private List<String> channels = new ArrayList<>();

    @Option(
            names = "--type",
            paramLabel = "NAME",
            description =
                    "Only this type, such as bosdyn.api.Event; repeat for more. With --channel both must fit.")
    private List<String> types = new ArrayList<>();

    @Option(
            names = "--schema",
            paramLabel = "NAME",
            description = "Only signals of this schema; repeat for more.")
    private List<String> schemas = new ArrayList<>();

    @Option(
            names = "--schema-source",
            paramLabel = "NAME",
            description = "Only signals of this source; repeat for more.")
    private List<String> sources = new ArrayList<>();

    @Option(
            names = "--grpc-service",
            paramLabel = "NAME",
            description = "Only calls of this service, such as robot-id; repeat for more.")
    private List<String> services = new ArrayList<>();

    boolean isAll() {
        return from == null
                && to == null
                && channels.isEmpty()
                && types.isEmpty()
                && schemas.isEmpty()
                && sources.isEmpty()
                && services.isEmpty();
    }

    boolean hasBeginning() {
        return from != null;
    }

    TimeRange range() {
        return range(from, to);
    }

    /** The span between two times, which may be null. */
    static TimeRange range(Long from, Long to) {
        long begin = from == null ? Long.MIN_VALUE : from;
        long end = to == null ? Long.MAX_VALUE : to;
        if (begin > end) {
            throw new IllegalArgumentException("--from is later than --to");
        }
        return new TimeRange(begin, end);
    }

    /**
     * @throws IllegalArgumentException if a name is empty, which fits nothing
     */
    DownloadFilter filter() {
        refuseEmpty("--channel", channels);
        refuseEmpty("--type", types);
        refuseEmpty("--schema", schemas);
        refuseEmpty("--schema-source", sources);
        refuseEmpty("--grpc-service", services);
        return new DownloadFilter(
                range(),
                Set.copyOf(types),
                Set.copyOf(channels),
                Set.copyOf(schemas),
                Set.copyOf(sources),
                OptionalInt.empty(),
                Set.copyOf(services));
    }

    private static void refuseEmpty(String option, List<String> names) {
        if (names.contains("")) {
            throw new IllegalArgumentException(
                    "%s is empty; expected a name, or leave it out for all".formatted(option));
        }
    }

    /** The same in the URL of a download, with the question mark. */
    static String query(DownloadFilter filter) {
        StringJoiner query = new StringJoiner("&", "?", "");
        query.setEmptyValue("");
        span(query, filter.range());
        filter.channels().forEach(name -> query.add("channel=" + encoded(name)));
        filter.types().forEach(name -> query.add("type=" + encoded(name)));
        filter.schemas().forEach(name -> query.add("schema_name=" + encoded(name)));
        filter.schemaSources().forEach(name -> query.add("schema_source=" + encoded(name)));
        filter.services().forEach(name -> query.add("grpc_service=" + encoded(name)));
        return query.toString();
    }

    /** Adds a span to a query, where it is not open. */
    static void span(StringJoiner query, TimeRange range) {
        if (range.from() != Long.MIN_VALUE) {
            query.add("from_nsec=" + range.from());
        }
        if (range.to() != Long.MAX_VALUE) {
            query.add("to_nsec=" + range.to());
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
