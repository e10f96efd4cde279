package dev.forebay.datalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Counts what goes into a page, block by block, while it is written or after it was recovered. For
 * use by one thread at a time.
 */
final class Contents {
    private static final long MINUTE = 60_000_000_000L;

    private final Map<SeriesKey, Integer> numbers = new HashMap<>();
    private final List<SeriesSummary> series = new ArrayList<>();

    /** The ranges of comments by their beginnings. */
    private final TreeMap<Long, TimeRange> comments = new TreeMap<>();

    private boolean preserve;

    Optional<Integer> number(SeriesKey key) {
        return Optional.ofNullable(numbers.get(key));
    }

    int seriesCount() {
        return series.size();
    }

    /** Notes a block of {@code entries} entries. */
    void add(SeriesKey key, long entries, long bytes, TimeRange span, boolean keep) {
        Integer number = numbers.get(key);
        if (number == null) {
            numbers.put(key, series.size());
            series.add(new SeriesSummary(key, 0, 0, 0, span).with(entries, bytes, span));
        } else {
            series.set(number, series.get(number).with(entries, bytes, span));
        }
        preserve |= keep;
        if (key.kind() == Kind.COMMENT) {
            comment(span);
        }
    }

    /** Joins the comment with the ranges that are less than a minute away. */
    private void comment(TimeRange at) {
        TimeRange joined = at;
        TimeRange near = at.widened(MINUTE);
        Map.Entry<Long, TimeRange> before = comments.floorEntry(near.to());
        while (before != null && before.getValue().overlaps(near)) {
            joined = joined.with(before.getValue());
            comments.remove(before.getKey());
            before = comments.floorEntry(near.to());
        }
        comments.put(joined.from(), joined);
    }

    PageSummary summary(long id, long bytes, boolean open) {
        return new PageSummary(id, bytes, preserve, open, series, List.copyOf(comments.values()));
    }
}
