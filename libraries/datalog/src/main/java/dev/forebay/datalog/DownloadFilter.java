package dev.forebay.datalog;

import java.util.OptionalInt;
import java.util.Set;

/**
 * What a download holds. Without any filter it is everything in the range; with one, it is only
 * what has a filter of its own and fits it.
 *
 * @param range the times at which entries begin
 * @param types of blobs, or the full names of text messages, comments and events
 * @param channels of blobs, or these names
 * @param schemas names of the schemas of signals
 * @param schemaSources who sent signals
 * @param minEventLevel the least level of events
 * @param services names of the services of calls
 */
public record DownloadFilter(
        TimeRange range,
        Set<String> types,
        Set<String> channels,
        Set<String> schemas,
        Set<String> schemaSources,
        OptionalInt minEventLevel,
        Set<String> services) {
    /** Copies the sets. */
    public DownloadFilter {
        types = Set.copyOf(types);
        channels = Set.copyOf(channels);
        schemas = Set.copyOf(schemas);
        schemaSources = Set.copyOf(schemaSources);
        services = Set.copyOf(services);
    }

    /**
     * Everything in a range.
     *
     * @param range a span of times
     * @return a filter that all entries in it fit
     */
    public static DownloadFilter all(TimeRange range) {
        return new DownloadFilter(
                range, Set.of(), Set.of(), Set.of(), Set.of(), OptionalInt.empty(), Set.of());
    }

    private boolean named() {
        return !types.isEmpty() || !channels.isEmpty();
    }

    private boolean signals() {
        return !schemas.isEmpty() || !schemaSources.isEmpty();
    }

    private boolean everything() {
        return !named() && !signals() && minEventLevel.isEmpty() && services.isEmpty();
    }

    /** Whether entries of a series fit, apart from their times and levels. */
    boolean fits(SeriesKey key) {
        if (everything()) {
            return true;
        }
        return switch (key.kind()) {
            case SIGNAL ->
                    signals()
                            && among(schemas, key.channel())
                            && among(schemaSources, key.source());
            case EVENT -> (named() || minEventLevel.isPresent()) && fitsName(key);
            case TEXT, COMMENT, BLOB -> named() && fitsName(key);
            case REQUEST, RESPONSE -> services.contains(key.channel());
        };
    }

    private boolean fitsName(SeriesKey key) {
        return among(types, key.type()) && among(channels, key.channel());
    }

    private static boolean among(Set<String> names, String name) {
        return names.isEmpty() || names.contains(name);
    }

    /** Whether an event of this level fits. */
    boolean fitsLevel(int level) {
        return level >= minEventLevel.orElse(0);
    }
}
