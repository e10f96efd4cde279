package dev.forebay.datalog;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Nanos;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which page goes next. Pages go oldest first, by their numbers and not by a clock that may step;
 * those with data near a comment go after the others, and last those that an event asks to keep or
 * that hold the newest bytes of a channel with a floor. Immutable; the work grows with the number
 * of pages and comments, times its logarithm.
 */
final class Retention {
    /** How a page is kept, from the first to go to the last. */
    private enum Keep {
        PLAIN,
        NEAR_COMMENT,
        PRESERVED
    }

    private record Ranked(PageSummary page, Keep keep) {}

    private final long near;
    private final Map<String, ByteSize> floors;

    Retention(DataLogSettings settings) {
        near = Nanos.of(settings.nearComment());
        floors = settings.floors();
    }

    /** The pages in the order in which they go. */
    List<PageSummary> order(List<PageSummary> pages, List<TimeRange> comments) {
        NavigableMap<Long, TimeRange> marked = merged(comments);
        Set<Long> floor = onFloors(pages);
        List<Ranked> ranked = new ArrayList<>(pages.size());
        for (PageSummary page : pages) {
            Keep keep = Keep.PLAIN;
            if (page.preserve() || floor.contains(page.id())) {
                keep = Keep.PRESERVED;
            } else if (isNear(page, marked)) {
                keep = Keep.NEAR_COMMENT;
            }
            ranked.add(new Ranked(page, keep));
        }
        ranked.sort(Comparator.comparing(Ranked::keep).thenComparingLong(each -> each.page.id()));
        return ranked.stream().map(Ranked::page).toList();
    }

    /** The surroundings of all comments as ranges that do not overlap, by their beginnings. */
    private NavigableMap<Long, TimeRange> merged(List<TimeRange> comments) {
        List<TimeRange> wide =
                comments.stream()
                        .map(range -> range.widened(near))
                        .sorted(Comparator.comparingLong(TimeRange::from))
                        .toList();
        NavigableMap<Long, TimeRange> merged = new TreeMap<>();
        for (TimeRange range : wide) {
            Map.Entry<Long, TimeRange> last = merged.lastEntry();
            if (last != null && last.getValue().overlaps(range)) {
                merged.put(last.getKey(), last.getValue().with(range));
            } else {
                merged.put(range.from(), range);
            }
        }
        return merged;
    }

    private static boolean isNear(PageSummary page, NavigableMap<Long, TimeRange> marked) {
        return page.range()
                .map(range -> {
                    Map.Entry<Long, TimeRange> before = marked.floorEntry(range.to());
                    return before != null && before.getValue().overlaps(range);
                })
                .orElse(false);
    }

    /** The newest pages that together hold the floor of a channel. */
    private Set<Long> onFloors(List<PageSummary> pages) {
        Set<Long> kept = new HashSet<>();
        if (floors.isEmpty()) {
            return kept;
        }
        Map<String, Long> had = new HashMap<>();
        List<PageSummary> newestFirst =
                pages.stream()
                        .sorted(Comparator.comparingLong(PageSummary::id).reversed())
                        .toList();
        for (PageSummary page : newestFirst) {
            for (SeriesSummary series : page.series()) {
                String channel = series.key().channel();
                ByteSize floor = floors.get(channel);
                if (floor != null && had.getOrDefault(channel, 0L) < floor.bytes()) {
                    had.merge(channel, series.bytes(), Long::sum);
                    kept.add(page.id());
                }
            }
        }
        return kept;
    }
}
