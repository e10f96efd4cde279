package dev.forebay.datalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How much memory the summaries of complete pages take, which share their keys: a channel that is
 * in a thousand pages is held once. An estimate, from the sizes of objects in a virtual machine of
 * less than 32 GiB. For use by one thread at a time.
 */
final class SummaryMemory {
    private static final long PAGE = 200;
    private static final long SERIES = 88;
    private static final long COMMENTS = 40;

    /** A key with its texts, and its place in the map. */
    private static final long KEY = 256;

    /** A key, and in how many pages it is. */
    private static final class Shared {
        private final SeriesKey key;
        private long pages;

        Shared(SeriesKey key) {
            this.key = key;
        }
    }

    private final Map<SeriesKey, Shared> keys = new HashMap<>();
    private long bytes;

    /** What a series takes that is in no other page. */
    static long of(SeriesKey key) {
        return SERIES + ofTexts(key);
    }

    private static long ofTexts(SeriesKey key) {
        return KEY + key.channel().length() + key.type().length() + key.source().length();
    }

    private static long ofSeries(PageSummary page) {
        return PAGE + SERIES * page.series().size() + COMMENTS * page.comments().size();
    }

    /** Counts a page, and gives it with shared keys. */
    PageSummary add(PageSummary page) {
        List<SeriesSummary> series = new ArrayList<>(page.series().size());
        for (SeriesSummary each : page.series()) {
            Shared shared = keys.get(each.key());
            if (shared == null) {
                shared = new Shared(each.key());
                keys.put(each.key(), shared);
                bytes += ofTexts(each.key());
            }
            shared.pages++;
            series.add(
                    new SeriesSummary(
                            shared.key, each.entries(), each.empty(), each.bytes(), each.range()));
        }
        bytes += ofSeries(page);
        return new PageSummary(
                page.id(), page.bytes(), page.preserve(), page.open(), series, page.comments());
    }

    /** Counts a page no more that {@link #add} gave. */
    void remove(PageSummary page) {
        for (SeriesSummary each : page.series()) {
            Shared shared = keys.get(each.key());
            if (shared != null && --shared.pages == 0) {
                keys.remove(each.key());
                bytes -= ofTexts(each.key());
            }
        }
        bytes -= ofSeries(page);
    }

    long bytes() {
        return bytes;
    }
}
