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
 * @param comments when there are comments; those less than a minute apart are one range
 */
public record PageSummary(
        long id,
        long bytes,
        boolean preserve,
        boolean open,
        List<SeriesSummary> series,
        List<TimeRange> comments) {
    public PageSummary {
        series = List.copyOf(series);
        comments = List.copyOf(comments);
    }

    /** The times of all entries; empty if there are none. */
    public Optional<TimeRange> range() {
        return series.stream().map(SeriesSummary::range).reduce(TimeRange::with);
    }

    /** How many entries there are. */
    public long entries() {
        return series.stream().mapToLong(SeriesSummary::entries).sum();
    }

    long entries(Kind kind) {
        return series.stream()
                .filter(each -> each.key().kind() == kind)
                .mapToLong(SeriesSummary::entries)
                .sum();
    }

    boolean overlaps(TimeRange range) {
        return range().map(range::overlaps).orElse(false);
    }
}
