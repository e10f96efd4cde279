package dev.forebay.datalog;

import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.bddf.BddfException;
import dev.forebay.bddf.BddfFile;
import dev.forebay.bddf.BddfRecovery;
import dev.forebay.bddf.PageIndex;
import dev.forebay.bddf.PageWriter;
import dev.forebay.bddf.SeriesDescriptor;
import dev.forebay.bddf.Source;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The files of the pages: {@code 000000000001.bddf} and {@code 000000000001.index} beside it, in
 * one folder. Safe for use by many threads.
 */
final class PageFiles {
    private static final String PAGE = ".bddf";
    private static final String INDEX = ".index";

    /** A page with a block in it is longer. */
    private static final long SMALLEST = 64;

    private final Disk disk;
    private final Path folder;

    PageFiles(Disk disk, Path folder) {
        this.disk = disk;
        this.folder = folder;
    }

    /** Makes a folder, durably, if it is not there. */
    static void createFolder(Disk disk, Path folder) throws IOException {
        if (disk.stat(folder).isEmpty()) {
            disk.createDirectory(folder);
            Path parent = folder.toAbsolutePath().getParent();
            if (parent != null) {
                disk.syncDirectory(parent);
            }
        }
    }

    Path page(long id) {
        return folder.resolve("%012d%s".formatted(id, PAGE));
    }

    private Path index(long id) {
        return folder.resolve("%012d%s".formatted(id, INDEX));
    }

    /**
     * The numbers of the pages that have a file.
     *
     * @param pages with a page, in order
     * @param rests with an index and no page
     */
    record Found(List<Long> pages, List<Long> rests) {}

    Found find() throws IOException {
        TreeSet<Long> pages = new TreeSet<>();
        TreeSet<Long> rests = new TreeSet<>();
        for (Path path : disk.list(folder)) {
            String name = String.valueOf(path.getFileName());
            int dot = name.indexOf('.');
            String number = dot < 0 ? "" : name.substring(0, dot);
            if (number.matches("[0-9]{12,18}")) {
                (name.endsWith(PAGE) ? pages : rests).add(Long.parseLong(number));
            }
        }
        rests.removeAll(pages);
        return new Found(List.copyOf(pages), List.copyOf(rests));
    }

    PageWriter create(long id) throws IOException {
        return PageWriter.create(disk, page(id), index(id), Map.of("forebay:page", "" + id));
    }

    /** Makes the names of all pages durable. */
    void syncNames() throws IOException {
        disk.syncDirectory(folder);
    }

    /** Bytes of both files of a page. */
    long bytes(long id) throws IOException {
        return size(page(id)) + size(index(id));
    }

    private long size(Path path) throws IOException {
        return disk.stat(path).map(Disk.Entry::size).orElse(0L);
    }

    /** Removes both files, the page first: an index alone is known to be a rest. */
    void delete(long id) throws IOException {
        deleteIfThere(page(id));
        deleteIfThere(index(id));
    }

    private void deleteIfThere(Path path) throws IOException {
        if (disk.stat(path).isPresent()) {
            disk.delete(path);
        }
    }

    /** A page that is open for reading. */
    static final class Reading implements AutoCloseable {
        private final DiskFile file;
        private final BddfFile page;

        private Reading(DiskFile file, BddfFile page) {
            this.file = file;
            this.page = page;
        }

        BddfFile page() {
            return page;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** Opens a page that is complete, each block to be checked against the index beside it. */
    Reading read(long id) throws IOException {
        PageIndex beside = readIndex(id);
        try (Closing onFailure = new Closing()) {
            DiskFile file = disk.open(page(id), Disk.Access.READ);
            onFailure.then(file::close);
            Reading reading = new Reading(file, BddfFile.open(source(file), beside));
            onFailure.forget();
            return reading;
        }
    }

    /** Opens what was written so far of a page, or before it broke. */
    Reading read(long id, PageWriter writer) throws IOException {
        try (Closing onFailure = new Closing()) {
            DiskFile file = disk.open(page(id), Disk.Access.READ);
            onFailure.then(file::close);
            Reading reading = new Reading(file, writer.view(source(file)));
            onFailure.forget();
            return reading;
        }
    }

    private static Source source(DiskFile file) {
        return Source.of(file).ahead();
    }

    /** How many entries of these series, in a range, have an empty payload and were flushed. */
    long emptyPayloads(long id, BddfFile page, List<SeriesSummary> series, TimeRange range)
            throws IOException {
        Set<Integer> numbers = new HashSet<>();
        for (int i = 0; i < page.identifiers().size(); i++) {
            Optional<SeriesKey> key = SeriesKey.of(page.series(i).descriptor());
            if (key.isPresent() && series.stream().anyMatch(each -> each.key().equals(key.get()))) {
                numbers.add(i);
            }
        }
        long[] count = new long[1];
        readIndex(id)
                .visit((number, nanos, bytes) -> {
                    if (bytes == 0 && numbers.contains(number) && range.contains(nanos)) {
                        count[0]++;
                    }
                });
        return count[0];
    }

    private PageIndex readIndex(long id) throws IOException {
        try (DiskFile file = disk.open(index(id), Disk.Access.READ)) {
            return PageIndex.read(Source.of(file));
        }
    }

    /**
     * What was found of a page that had not been completed.
     *
     * @param lost how many blocks are not there any more
     */
    record Recovered(PageSummary summary, long lost) {}

    /**
     * Completes a page as far as it is whole; empty if it never held anything. A page of which the
     * first block or the index cannot be read is set aside.
     */
    Optional<Recovered> recover(long id) throws IOException {
        BddfRecovery.Report report;
        try {
            report = BddfRecovery.recover(disk, page(id), index(id));
        } catch (BddfException e) {
            return setAside(id);
        }
        Contents contents = new Contents();
        try (Reading reading = read(id)) {
            count(reading.page(), readIndex(id), contents);
        }
        PageSummary summary = contents.summary(id, bytes(id), false);
        long lost =
                report.lostBlocks()
                        + report.damage().stream().mapToLong(BddfRecovery.Damage::blocks).sum();
        return summary.entries() == 0 && lost == 0
                ? Optional.empty()
                : Optional.of(new Recovered(summary, lost));
    }

    /** Nothing of the page was synced, or the device damaged it: what it held cannot be known. */
    private Optional<Recovered> setAside(long id) throws IOException {
        if (size(page(id)) < SMALLEST) {
            return Optional.empty(); // A page that a crash met when it had just begun.
        }
        disk.rename(page(id), folder.resolve("aside-" + page(id).getFileName()));
        if (disk.stat(index(id)).isPresent()) {
            disk.rename(index(id), folder.resolve("aside-" + index(id).getFileName()));
        }
        syncNames();
        return Optional.empty();
    }

    /** Counts all blocks. Events are read for whether they are to be kept. */
    private static void count(BddfFile page, PageIndex index, Contents contents)
            throws IOException {
        List<Optional<PageSeries>> series = new ArrayList<>();
        for (int i = 0; i < page.identifiers().size(); i++) {
            series.add(PageSeries.of(page.series(i).descriptor()));
        }
        int[] next = new int[series.size()];
        List<PageBlock> blocks = new ArrayList<>();
        index.visit((number, nanos, bytes) -> {
            if (number < series.size()) {
                blocks.add(new PageBlock(number, nanos, bytes));
            }
        });
        for (PageBlock block : blocks) {
            PageSeries of = series.get(block.series).orElse(null);
            if (of != null) {
                int i = block.bytes == 0 ? -1 : next[block.series]++;
                of.count(page, block.series, i, block.nanos, block.bytes, contents);
            }
        }
    }

    private record PageBlock(int series, long nanos, int bytes) {}

    /** A series of a page and how its blocks are counted. */
    private record PageSeries(SeriesKey key, Optional<SignalSchema> schema) {
        static Optional<PageSeries> of(SeriesDescriptor descriptor) {
            return SeriesKey.of(descriptor)
                    .map(key ->
                            new PageSeries(
                                    key,
                                    Optional.ofNullable(
                                                    descriptor.annotations().get(TickRows.SCHEMA))
                                            .map(SignalSchema::parse)));
        }

        /**
         * @param i the number of the block in its series, or -1 if its payload is empty
         */
        void count(BddfFile page, int series, int i, long nanos, int bytes, Contents contents)
                throws IOException {
            long entries = 1;
            long end = nanos;
            boolean preserve = false;
            if (i >= 0 && key.kind() == Kind.EVENT) {
                end = page.series(series).blocks().additionalIndexes(i)[0];
                preserve = EventFields.read(page.read(series, i).payload()).preserve();
            }
            if (i >= 0 && schema.isPresent()) {
                entries = TickRows.count(schema.get(), bytes);
                ByteBuffer rows = page.read(series, i).payload();
                end = TickRows.last(rows, schema.get());
            }
            contents.add(key, entries, bytes, nanos, Math.max(nanos, end), preserve);
        }
    }
}
