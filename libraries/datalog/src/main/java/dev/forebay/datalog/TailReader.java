package dev.forebay.datalog;

import dev.forebay.bddf.SeriesBlocks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Reads what came into the log since a position.
 *
 * <p>A page only grows, and keeps its bytes when it is completed or recovered, so the offset of the
 * last block that was read is a position in it. Lanes fill their pages at the same time: a position
 * has one offset for each page that may get more, also for a page that has its number and is not
 * there yet, because a page with a later number can be there first.
 *
 * <p>Safe for use by many threads.
 */
final class TailReader {
    private final Catalogue catalogue;
    private final OpenPages open;
    private final LogReader reader;

    TailReader(Catalogue catalogue, OpenPages open, LogReader reader) {
        this.catalogue = catalogue;
        this.open = open;
        this.reader = reader;
    }

    /** Behind the last entry. */
    TailPosition end() throws IOException {
        OpenPages.Snapshot now = open.snapshot();
        Map<Long, Long> unfinished = new HashMap<>();
        now.beginning().forEach(id -> unfinished.put(id, -1L));
        for (OpenPage page : now.pages()) {
            long[] last = {-1};
            reader.visit(page.id(), view -> last[0] = last(view));
            unfinished.put(page.id(), last[0]);
        }
        return new TailPosition(now.next(), unfinished);
    }

    private static long last(LogReader.View page) throws IOException {
        long last = -1;
        for (int i = 0; i < page.file().identifiers().size(); i++) {
            SeriesBlocks blocks = page.file().series(i).blocks();
            if (blocks.count() > 0) {
                last = Math.max(last, blocks.offset(blocks.count() - 1));
            }
        }
        return last;
    }

    /** Gives entries that came after {@code from}, but no signals; where it stopped. */
    TailPosition read(TailPosition from, DownloadFilter filter, DataLog.Follower follower)
            throws IOException {
        OpenPages.Snapshot now = open.snapshot();
        if (from.next() > now.next()) {
            throw new DataLogException(
                    DataLogException.Fault.INVALID,
                    "the position is page %d, and the log begins page %d next: its newest pages were deleted before a restart; follow it from its end"
                            .formatted(from.next(), now.next()));
        }
        TreeMap<Long, Optional<PageSummary>> pages = new TreeMap<>();
        TreeSet<Long> growing = new TreeSet<>(now.beginning());
        now.pages().forEach(page -> growing.add(page.id()));
        // Behind the snapshot: a page that is completed in between is met twice, and never missed.
        catalogue.pages().forEach(page -> pages.put(page.id(), Optional.of(page)));
        growing.forEach(id -> pages.put(id, Optional.empty()));
        pages.keySet()
                .removeIf(id ->
                        id >= now.next() || id < from.next() && !from.unfinished().containsKey(id));
        Map<Long, Long> unfinished = new HashMap<>();
        long next = now.next();
        boolean[] more = {true};
        for (Map.Entry<Long, Optional<PageSummary>> page : pages.entrySet()) {
            long id = page.getKey();
            long before = from.unfinished().getOrDefault(id, -1L);
            if (!more[0]) {
                if (id < from.next() || growing.contains(id) && id < next) {
                    unfinished.put(id, before);
                }
                continue;
            }
            long[] last = {before};
            if (page.getValue().map(summary -> hasFitting(summary, filter)).orElse(true)) {
                reader.visit(id, view -> more[0] = read(view, filter, follower, last));
            }
            if (growing.contains(id) || !more[0]) {
                unfinished.put(id, last[0]);
            }
            if (!more[0]) {
                next = Math.max(from.next(), id + 1);
            }
        }
        return new TailPosition(next, unfinished);
    }

    private static boolean hasFitting(PageSummary page, DownloadFilter filter) {
        return page.series().stream()
                .anyMatch(series ->
                        fits(filter, series.key()) && series.range().overlaps(filter.range()));
    }

    private static boolean fits(DownloadFilter filter, SeriesKey key) {
        return switch (key.kind()) {
            case SIGNAL -> false;
            case TEXT, COMMENT, EVENT, BLOB -> filter.fits(key);
            case REQUEST, RESPONSE -> !filter.services().isEmpty() && filter.fits(key);
        };
    }

    private record Place(long offset, SeriesKey key, int series, int block) {}

    /**
     * @param last of the blocks that were read; takes the new one
     * @return whether more is wanted
     */
    private boolean read(
            LogReader.View page, DownloadFilter filter, DataLog.Follower follower, long[] last)
            throws IOException {
        for (Place place : places(page, filter, last[0])) {
            Optional<ByteBuffer> payload = reader.payload(page, place.series, place.block);
            long nanos = page.file().series(place.series).blocks().nanos(place.block);
            boolean fits =
                    payload.isPresent()
                            && (place.key.kind() != Kind.EVENT
                                    || filter.fitsLevel(EventFields.read(payload.get()).level()));
            if (fits && !follower.entry(place.key, nanos, payload.get())) {
                last[0] = place.offset;
                return false;
            }
        }
        last[0] = Math.max(last[0], last(page));
        return true;
    }

    private static List<Place> places(LogReader.View page, DownloadFilter filter, long after)
            throws IOException {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < page.file().identifiers().size(); i++) {
            Optional<SeriesKey> key = page.keys().get(i);
            if (key.isEmpty() || !fits(filter, key.get())) {
                continue;
            }
            SeriesBlocks blocks = page.file().series(i).blocks();
            for (int j = blocks.count() - 1; j >= 0 && blocks.offset(j) > after; j--) {
                if (filter.range().contains(blocks.nanos(j))) {
                    places.add(new Place(blocks.offset(j), key.get(), i, j));
                }
            }
        }
        places.sort(Comparator.comparingLong(Place::offset));
        return places;
    }
}
