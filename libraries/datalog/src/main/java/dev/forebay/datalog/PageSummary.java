package dev.forebay.datalog;

import java.util.List;
import java.util.Optional;

/**
 * What a page holds.
 *
 * @param id its number; later pages have higher ones, whatever the clock did
 * @param bytes of its files
 * @param preserve whether an event in it asks to be kept
 * @param open whether it is still written
 * @param series what it holds of each
 * @param comments when there are comments; those less than a minute apart are one range
 */
public record PageSummary(
        long id,
        long bytes,
        boolean preserve,
        boolean open,
        List<SeriesSummary> series,
        List<TimeRange> comments) {
    /** Copies the lists. */
    public PageSummary {
        series = List.copyOf(series);
        comments = List.copyOf(comments);
    }

    /** {@return the times of all entries; empty if there are none} */
    public Optional<TimeRange> range() {
        return series.stream().map(SeriesSummary::range).reduce(TimeRange::with);
    }

    /** As {@link #range}; a query asks thousands of pages, so it makes nothing. */
    boolean overlaps(TimeRange range) {
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (SeriesSummary each : series) {
            from = Math.min(from, each.range().from());
            to = Math.max(to, each.range().to());
        }
        return !series.isEmpty() && from <= range.to() && range.from() <= to;
    }

    /** {@return how many entries there are} */
    public long entries() {
        long entries = 0;
        for (SeriesSummary each : series) {
            entries += each.entries();
        }
        return entries;
    }

    long entries(Kind kind) {
        return series.stream()
                .filter(each -> each.key().kind() == kind)
                .mapToLong(SeriesSummary::entries)
                .sum();
    }
}
