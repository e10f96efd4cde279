package dev.forebay.datalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A robot's log in one folder.
 *
 * <p><b>Guarantee.</b> An entry that was taken is as durable as {@link Recorded#durability} says:
 * {@code WRITTEN} survives the process, {@code SYNCED} a power cut. It stays until its page goes,
 * and pages go oldest first, those that are to be kept last; every entry is in the {@link Ledger}.
 * The pages take at most one page more than the allowance. A page that cannot be read stops no
 * opening.
 *
 * <p><b>Limit.</b> Entries that share a page go together. Two entries of one call may end in pages
 * of different lanes, so that after a crash one is there and the other is not.
 *
 * <p><b>Threads.</b> Safe for use by many. Calls block for the disk, and {@link #record} also while
 * pages are removed; {@link #close} waits for the calls that are under way.
 */
public final class DataLog implements AutoCloseable {
    private final Disk.AutoCloseableLock directory;
    private final Catalogue catalogue;
    private final OpenPages open;
    private final PageLimit limit;
    private final Map<Kind.Lane, LaneWriter> lanes;
    private final Keeper keeper;
    private final Intake intake;
    private final LogReader reader;
    private final TailReader tail;

    /** How many entries were taken since the log was made. */
    private final AtomicLong taken;

    /** Held for reading by calls that are under way, for writing to close. */
    private final ReentrantReadWriteLock calls = new ReentrantReadWriteLock();

    @GuardedBy("calls")
    private boolean closed;

    /**
     * Opens the log in {@code folder}, which is made if it is not there.
     *
     * @param folder of this log alone
     * @param settings may differ from those of before
     * @return the log, which owns the folder until it is closed
     */
    public static DataLog open(Path folder, DataLogSettings settings) {
        return open(Disk.system(), Clock.system(), folder, settings);
    }

    /**
     * Opens the log on a disk and a clock.
     *
     * @param disk where the files are
     * @param clock gives entries without a time theirs
     * @param folder of this log alone
     * @param settings may differ from those of before
     * @return the log, which owns the folder until it is closed
     * @throws DataLogException if the disk fails, or the log is open already; its cause is a {@link
     *     dev.forebay.base.LockedException} then
     */
    public static DataLog open(Disk disk, Clock clock, Path folder, DataLogSettings settings) {
        try (Closing onFailure = new Closing()) {
            PageFiles.createFolder(disk, folder);
            Disk.AutoCloseableLock directory = disk.lock(folder.resolve("lock"));
            onFailure.then(directory::close);
            Catalogue catalogue = Catalogue.open(disk, clock, folder.resolve("catalogue"));
            onFailure.then(catalogue::close);
            PageFiles files = new PageFiles(disk, folder.resolve("pages"));
            PageFiles.createFolder(disk, folder.resolve("pages"));
            long next = new Recovery(catalogue, files).run();
            DataLog log = new DataLog(clock, directory, catalogue, files, next, settings);
            onFailure.forget();
            return log;
        } catch (IOException e) {
            throw failed("cannot open the log in '%s'".formatted(folder), e);
        }
    }

    private static DataLogException failed(String what, IOException e) {
        return new DataLogException(DataLogException.Fault.IO, what + ": " + e.getMessage(), e);
    }

    private DataLog(
            Clock clock,
            Disk.AutoCloseableLock directory,
            Catalogue catalogue,
            PageFiles files,
            long next,
            DataLogSettings settings) {
        this.directory = directory;
        this.catalogue = catalogue;
        open = new OpenPages(files, clock, next);
        limit = new PageLimit(settings);
        Map<Kind.Lane, LaneWriter> all = new EnumMap<>(Kind.Lane.class);
        for (Kind.Lane lane : Kind.Lane.values()) {
            all.put(lane, new LaneWriter(open, limit));
        }
        lanes = all;
        taken = new AtomicLong(catalogue.known());
        keeper = new Keeper(clock, catalogue, files, open, lanes.values(), settings, limit, taken);
        intake = new Intake(clock, catalogue, lanes, keeper, limit, taken);
        reader = new LogReader(catalogue, files, open);
        tail = new TailReader(catalogue, open, reader);
        keeper.start();
    }

    /** Runs a call of the caller's while the log is open. */
    private interface Call<R> {
        R run() throws IOException;
    }

    private <R> R whileOpen(String what, Call<R> call) {
        calls.readLock().lock();
        try {
            checkOpen();
            return call.run();
        } catch (IOException e) {
            throw failed(what, e);
        } finally {
            calls.readLock().unlock();
        }
    }

    @SuppressWarnings("GuardedBy") // The read lock is held.
    private void checkOpen() {
        if (closed) {
            throw new DataLogException(DataLogException.Fault.CLOSED, "the log is closed");
        }
        keeper.check();
    }

    /**
     * Registers a schema, durably, and returns the number by which ticks name it: the same for the
     * same client and schema, whenever it is asked.
     *
     * @param schema what a tick is made of
     * @param client who asks
     * @return the number, from 1
     * @throws DataLogException if the definitions of all schemas together get too long: 16 Mi
     *     characters
     */
    public long register(SignalSchema schema, String client) {
        return whileOpen("cannot register a schema", () -> catalogue.register(schema, client));
    }

    /**
     * Takes entries. Those that cannot be taken are refused one by one; the others are as durable
     * as {@code demanded} once the call returns, and can be read back.
     *
     * @param entries are taken in this order
     * @param demanded {@code ACCEPTED} is given as {@code WRITTEN}
     * @return which were refused, and why
     * @throws DataLogException if the log is closed or its keeper has ended
     */
    public Recorded record(List<? extends Entry> entries, Durability demanded) {
        return whileOpen("cannot record", () -> intake.record(entries, demanded));
    }

    /**
     * Events and comments, the newest that fit.
     *
     * @param query which, and how many
     * @return the events and comments, in the order of their times
     */
    public EventsAndComments events(EventQuery query) {
        return whileOpen("cannot read events", () -> reader.events(query));
    }

    /**
     * {@return all pages with an entry in {@code range}, in the order of their numbers}
     *
     * @param range a span of times
     */
    public List<PageSummary> pages(TimeRange range) {
        return whileOpen("cannot list pages", () -> reader.pages(range));
    }

    /**
     * {@return the pages with an entry of {@code kind} in {@code range}}
     *
     * @param range a span of times
     * @param kind of entry
     */
    public List<PageSummary> pages(TimeRange range, Kind kind) {
        return pagesWith(range, series -> series.key().kind() == kind);
    }

    /**
     * {@return the pages with a blob that fits in {@code range}}
     *
     * @param range a span of times
     * @param blobs which fit
     */
    public List<PageSummary> pages(TimeRange range, BlobSpec blobs) {
        return pagesWith(range, series -> blobs.fits(series.key()));
    }

    private interface Fits {
        boolean series(SeriesSummary series);
    }

    private List<PageSummary> pagesWith(TimeRange range, Fits fits) {
        return whileOpen(
                "cannot list pages",
                () ->
                        reader.pages(range).stream()
                                .filter(page ->
                                        page.series().stream()
                                                .anyMatch(each ->
                                                        fits.series(each)
                                                                && each.range().overlaps(range)))
                                .toList());
    }

    /**
     * How much there is.
     *
     * @return the figures of one moment
     */
    public LogStatus status() {
        return whileOpen(
                "cannot tell the status",
                () -> {
                    List<PageSummary> pages = reader.pages();
                    return new LogStatus(
                            pages.size(),
                            keeper.bytes(),
                            pages.stream().mapToLong(page -> page.entries(Kind.COMMENT)).sum(),
                            pages.stream().mapToLong(page -> page.entries(Kind.EVENT)).sum(),
                            reader.damaged(),
                            pages.stream()
                                    .flatMap(page -> page.series().stream())
                                    .map(SeriesSummary::key)
                                    .filter(key -> key.kind() == Kind.BLOB)
                                    .distinct()
                                    .toList());
                });
    }

    /**
     * Where every entry is. Waits for the calls that are under way, and holds up new ones.
     *
     * @return the sums of one moment
     */
    public Ledger ledger() {
        calls.writeLock().lock();
        try {
            checkOpen();
            keeper.awaitLook(); // From here on nothing is removed, and a page only moves.
            long held = reader.pages().stream().mapToLong(PageSummary::entries).sum();
            return catalogue.ledger(taken.get(), held);
        } finally {
            calls.writeLock().unlock();
        }
    }

    /** {@return the complete pages in the order in which they go when the allowance is used up} */
    public List<PageSummary> nextToGo() {
        return whileOpen("cannot tell what goes next", keeper::order);
    }

    /**
     * Changes the allowance; pages above it go at once.
     *
     * @param bytes of all files together
     * @throws IllegalArgumentException if it is less than 1 MiB
     */
    public void allowance(ByteSize bytes) {
        whileOpen(
                "cannot change the allowance",
                () -> {
                    limit.allowance(bytes);
                    return keeper.awaitLook();
                });
    }

    /**
     * Deletes pages, a page that is being written too; it is completed first.
     *
     * @param range every page with an entry in it is deleted; empty for none
     * @param ids pages that are deleted beside these
     * @return what became of each page
     */
    public Deletion delete(Optional<TimeRange> range, Collection<Long> ids) {
        return whileOpen(
                "cannot delete pages",
                () -> {
                    Set<Long> all = new TreeSet<>(ids);
                    range.ifPresent(
                            within -> reader.pages(within).forEach(page -> all.add(page.id())));
                    boolean ended = false;
                    for (long id : all) {
                        for (LaneWriter lane : lanes.values()) {
                            ended |= lane.end(id);
                        }
                    }
                    if (ended || all.stream().anyMatch(id -> open.page(id).isPresent())) {
                        keeper.awaitLook();
                    }
                    long bytes = 0;
                    Map<Long, Deletion.Outcome> outcomes = new HashMap<>();
                    for (long id : all) {
                        Optional<PageSummary> page = catalogue.page(id);
                        if (page.isPresent()) {
                            keeper.remove(id, Loss.DELETED);
                            bytes += page.get().bytes();
                            outcomes.put(id, Deletion.Outcome.DELETED);
                        } else {
                            outcomes.put(
                                    id,
                                    open.page(id).isPresent()
                                            ? Deletion.Outcome.FAILED
                                            : Deletion.Outcome.NOT_FOUND);
                        }
                    }
                    return new Deletion(bytes, outcomes);
                });
    }

    /**
     * Prepares a download of what fits; nothing is read from the disk before it is used.
     *
     * @param filter what fits
     * @return the download, which can be used once the caller likes
     */
    public Download download(DownloadFilter filter) {
        return whileOpen(
                "cannot prepare a download",
                () -> {
                    List<PageSummary> pages = new ArrayList<>();
                    long empty = 0;
                    for (PageSummary page : reader.pages(filter.range())) {
                        List<SeriesSummary> fitting =
                                page.series().stream()
                                        .filter(series ->
                                                filter.fits(series.key())
                                                        && series.range().overlaps(filter.range()))
                                        .toList();
                        if (!fitting.isEmpty()) {
                            pages.add(page);
                            empty += reader.emptyPayloads(page, fitting, filter.range());
                        }
                    }
                    return new Download(reader, filter, pages, empty);
                });
    }

    /**
     * {@return the position behind the last entry, from which {@link #follow} gives what comes
     * later}
     */
    public TailPosition end() {
        return whileOpen("cannot find the end", tail::end);
    }

    /** Takes the entries that {@link #follow} gives. */
    public interface Follower {
        /**
         * Takes one.
         *
         * @param key of its series
         * @param nanos its time, in nanoseconds since 1970 UTC
         * @param payload read-only; good during the call
         * @return whether more are wanted
         * @throws IOException if it cannot be taken; nothing follows then
         */
        boolean entry(SeriesKey key, long nanos, ByteBuffer payload) throws IOException;
    }

    /**
     * Gives the entries that came after {@code from} and fit, each once, in each lane in the order
     * in which they came; calls only if the filter names their services, and no signals. Does not
     * wait for more.
     *
     * <p><b>Limit.</b> What is gone before it was read, and what has an empty payload, is left out.
     *
     * @param from where the last call ended
     * @param filter what fits
     * @param follower takes each entry
     * @return where to go on; whatever was recorded before the call and was wanted is behind it
     * @throws DataLogException of fault {@code INVALID} if the position is not of this log
     */
    public TailPosition follow(TailPosition from, DownloadFilter filter, Follower follower) {
        return whileOpen("cannot follow the log", () -> tail.read(from, filter, follower));
    }

    /**
     * Completes all pages and lets go of the folder; everything is closed whatever fails. Waits for
     * the calls that are under way, and as long as the disk does. Does nothing the second time.
     */
    @Override
    public void close() {
        calls.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
        } finally {
            calls.writeLock().unlock();
        }
        lanes.values().forEach(LaneWriter::end);
        try (Closing all = new Closing()) {
            all.then(keeper::close);
            all.then(open::close);
            all.then(catalogue::close);
            all.then(directory::close);
        } catch (IOException e) {
            throw failed("cannot close the log", e);
        }
    }
}
