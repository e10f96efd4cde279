package dev.forebay.datalog;

import dev.forebay.bddf.BddfException;
import dev.forebay.bddf.BddfFile;
import dev.forebay.bddf.SeriesBlocks;
import dev.forebay.bddf.SeriesDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds pages and what is in them. A page that goes while it is looked for is passed over, as if it
 * had gone before. What is damaged is passed over too, and counted once. Safe for use by many
 * threads.
 */
final class LogReader {
    private final Catalogue catalogue;
    private final PageFiles files;
    private final OpenPages open;

    /**
     * The damaged blocks; at -1 the pages that could not be opened; below that the series whose
     * description is not what the catalogue says.
     */
    private final Set<Place> damaged = ConcurrentHashMap.newKeySet();

    private record Place(long page, long offset) {}

    LogReader(Catalogue catalogue, PageFiles files, OpenPages open) {
        this.catalogue = catalogue;
        this.files = files;
        this.open = open;
    }

    /** All pages that hold something, in the order of their numbers. */
    List<PageSummary> pages() {
        return pages(TimeRange.ALL);
    }

    /**
     * The pages with something whose times overlap {@code range}, in the order of their numbers.
     */
    List<PageSummary> pages(TimeRange range) {
        TreeMap<Long, PageSummary> pages = new TreeMap<>();
        // Open ones first: a page that is completed in between is met twice, and never missed.
        open.all().forEach(page -> add(page.summary(), range, pages));
        catalogue.pages().forEach(page -> add(page, range, pages));
        return List.copyOf(pages.values());
    }

    private static void add(PageSummary page, TimeRange range, Map<Long, PageSummary> pages) {
        if (page.overlaps(range) && page.entries() > 0) {
            pages.put(page.id(), page);
        }
    }

    /** How many damaged blocks, and pages that cannot be read at all, were met so far. */
    long damaged() {
        return damaged.size();
    }

    /**
     * An open page.
     *
     * @param keys of its series, by their numbers; empty for one that is damaged
     */
    record View(long id, BddfFile file, List<Optional<SeriesKey>> keys) {}

    /** Does something with an open page. */
    interface Visit {
        void page(View page) throws IOException;
    }

    /** A payload; empty if the block is damaged. */
    Optional<ByteBuffer> payload(View page, int series, int i) throws IOException {
        try {
            return Optional.of(page.file.read(series, i).payload());
        } catch (BddfException e) {
            damaged.add(new Place(page.id, page.file.series(series).blocks().offset(i)));
            return Optional.empty();
        }
    }

    /** Opens a page; whether it is there. */
    boolean visit(long id, Visit visit) throws IOException {
        Optional<OpenPage> unfinished = open.page(id);
        try (PageFiles.Reading page =
                unfinished.isPresent() ? unfinished.get().read() : files.read(id)) {
            visit.page(new View(id, page.page(), keys(id, page.page())));
            return true;
        } catch (NoSuchFileException e) {
            if (catalogue
                    .page(id)
                    .isPresent()) { // It is not going: its files were removed from outside.
                damaged.add(new Place(id, -1));
            }
            return false;
        } catch (BddfException e) {
            damaged.add(new Place(id, -1));
            return false;
        }
    }

    /** How many entries of these series of a page, in a range, have an empty payload. */
    long emptyPayloads(PageSummary page, List<SeriesSummary> series, TimeRange range)
            throws IOException {
        List<SeriesSummary> with = series.stream().filter(each -> each.empty() > 0).toList();
        if (with.stream().allMatch(each -> range.covers(each.range()))) {
            return with.stream().mapToLong(SeriesSummary::empty).sum();
        }
        long[] count = new long[1];
        visit(page.id(), view -> count[0] = files.emptyPayloads(view.id, view.file, with, range));
        return count[0];
    }

    /** Nothing guards the description of a series in a page but what the catalogue says of it. */
    private List<Optional<SeriesKey>> keys(long id, BddfFile file) throws IOException {
        Optional<PageSummary> known = catalogue.page(id);
        List<Optional<SeriesKey>> keys = new ArrayList<>();
        for (int i = 0; i < file.identifiers().size(); i++) {
            Optional<SeriesKey> key = SeriesKey.of(file.series(i).descriptor());
            if (known.isPresent()
                    && (i >= known.get().series().size()
                            || !key.equals(Optional.of(known.get().series().get(i).key())))) {
                damaged.add(new Place(id, -2 - i));
                key = Optional.empty();
            }
            keys.add(key);
        }
        return keys;
    }

    /** The schema of the ticks of a series. */
    SignalSchema schema(SeriesKey key, SeriesDescriptor series) {
        SignalSchema known = catalogue.schema(Long.parseUnsignedLong(key.type(), 16));
        String definition = series.annotations().get(TickRows.SCHEMA);
        return known != null ? known : SignalSchema.parse(definition == null ? "" : definition);
    }

    EventsAndComments events(EventQuery query) throws IOException {
        Newest events = new Newest(query.maxEvents());
        Newest comments = new Newest(query.maxComments());
        List<PageSummary> newestFirst = new ArrayList<>(pages(query.range()));
        newestFirst.sort(Comparator.comparingLong(LogReader::end).reversed());
        for (PageSummary page : newestFirst) {
            boolean wanted =
                    wants(page, Kind.EVENT, !query.events().isEmpty(), events)
                            || wants(page, Kind.COMMENT, query.comments(), comments);
            if (wanted) {
                visit(page.id(), view -> read(view, query, events, comments));
            }
        }
        return new EventsAndComments(
                events.oldestFirst(), comments.oldestFirst(), events.limited(), comments.limited());
    }

    private static long end(PageSummary page) {
        return page.range().map(TimeRange::to).orElse(Long.MIN_VALUE);
    }

    private static boolean wants(PageSummary page, Kind kind, boolean asked, Newest newest) {
        return asked && page.entries(kind) > 0 && (newest.wants(end(page)) || !newest.limited());
    }

    private void read(View page, EventQuery query, Newest events, Newest comments)
            throws IOException {
        for (int i = 0; i < page.file.identifiers().size(); i++) {
            Optional<SeriesKey> key = page.keys.get(i);
            if (key.isEmpty()) {
                continue;
            }
            SeriesBlocks blocks = page.file.series(i).blocks();
            if (key.get().kind() == Kind.EVENT && !query.events().isEmpty()) {
                readEvents(page, i, blocks, query, events);
            } else if (key.get().kind() == Kind.COMMENT && query.comments()) {
                readComments(page, i, blocks, query, comments);
            }
        }
    }

    private void readEvents(
            View page, int series, SeriesBlocks blocks, EventQuery query, Newest events)
            throws IOException {
        for (int i = blocks.count() - 1; i >= 0; i--) {
            long start = blocks.nanos(i);
            TimeRange span = new TimeRange(start, blocks.additionalIndexes(i)[0]);
            if (query.range().overlaps(span) && (events.wants(start) || !events.limited())) {
                payload(page, series, i)
                        .filter(event -> query.fits(EventFields.read(event)))
                        .ifPresent(event -> events.add(start, event));
            }
        }
    }

    private void readComments(
            View page, int series, SeriesBlocks blocks, EventQuery query, Newest comments)
            throws IOException {
        for (int i = blocks.count() - 1; i >= 0; i--) {
            long at = blocks.nanos(i);
            if (query.range().contains(at) && (comments.wants(at) || !comments.limited())) {
                payload(page, series, i).ifPresent(comment -> comments.add(at, comment));
            }
        }
    }
}
