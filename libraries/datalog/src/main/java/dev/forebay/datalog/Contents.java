package dev.forebay.datalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts what goes into a page, block by block, while it is written or after it was recovered. For
 * use by one thread at a time.
 */
final class Contents {
    private static final long MINUTE = 60_000_000_000L;

    /**
     * What was counted of one series. It changes with each block, so that a block makes nothing.
     */
    private static final class Tally {
        private final SeriesKey key;
        private long entries;
        private long empty;
        private long bytes;
        private long from = Long.MAX_VALUE;
        private long to = Long.MIN_VALUE;

        Tally(SeriesKey key) {
            this.key = key;
        }

        void add(long moreEntries, long moreBytes, long begin, long end) {
            entries += moreEntries;
            empty += moreBytes == 0 ? moreEntries : 0;
            bytes += moreBytes;
            from = Math.min(from, begin);
            to = Math.max(to, end);
        }

        SeriesSummary summary() {
            return new SeriesSummary(key, entries, empty, bytes, new TimeRange(from, to));
        }
    }

    private final Map<SeriesKey, Integer> numbers = new HashMap<>();
    private final List<Tally> series = new ArrayList<>();

    /** The ranges of comments by their beginnings. */
    private final TreeMap<Long, TimeRange> comments = new TreeMap<>();

    private boolean preserve;
    private long summaryBytes;

    /** The number of a series that has a block, or null. */
    @Nullable Integer number(SeriesKey key) {
        return numbers.get(key);
    }

    int seriesCount() {
        return series.size();
    }

    /** What the summary will take in memory, if no other page has its series. */
    long summaryBytes() {
        return summaryBytes;
    }

    /** Notes a block of {@code entries} entries, with times from {@code begin} to {@code end}. */
    void add(SeriesKey key, long entries, long bytes, long begin, long end, boolean keep) {
        Integer number = numbers.get(key);
        if (number == null) {
            number = series.size();
            numbers.put(key, number);
            series.add(new Tally(key));
            summaryBytes += SummaryMemory.of(key);
        }
        series.get(number).add(entries, bytes, begin, end);
        preserve |= keep;
        if (key.kind() == Kind.COMMENT) {
            comment(new TimeRange(begin, end));
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
        return new PageSummary(
                id,
                bytes,
                preserve,
                open,
                series.stream().map(Tally::summary).toList(),
                List.copyOf(comments.values()));
    }
}
