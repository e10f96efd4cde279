package dev.forebay.datalog;

import dev.forebay.bddf.BddfFile;
import dev.forebay.bddf.BddfWriter;
import dev.forebay.bddf.Checksum;
import dev.forebay.bddf.FileDescriptor;
import dev.forebay.bddf.SeriesBlocks;
import dev.forebay.bddf.SeriesIdentifier;
import dev.forebay.bddf.SeriesType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Part of the log as one BDDF file. Signals are series of plain numbers, one a variable, and a
 * struct that names them.
 *
 * <p><b>Guarantee.</b> The file is made of blocks whose checksums were compared, and ends with a
 * checksum of its own. An entry with an empty payload is left out, because readers of the reference
 * stop at one; the annotation {@link #EMPTY_PAYLOADS} says how many.
 *
 * <p><b>Limit.</b> Memory of 16 bytes a block. A page that goes before its turn is left out, and so
 * is a damaged block; {@link LogStatus#damaged} counts those.
 *
 * <p>For use by one thread. Blocks while the disk or the target does.
 */
public final class Download {
    /** The annotation of the file with the number of entries that were left out. */
    public static final String EMPTY_PAYLOADS = "forebay:empty-payloads";

    private final LogReader reader;
    private final DownloadFilter filter;
    private final List<PageSummary> pages;
    private final long empty;

    /**
     * @param pages those with fitting series, in order
     * @param empty how many fitting entries have an empty payload
     */
    Download(LogReader reader, DownloadFilter filter, List<PageSummary> pages, long empty) {
        this.reader = reader;
        this.filter = filter;
        this.pages = pages;
        this.empty = empty;
    }

    /** Takes the blocks that fit. */
    private interface Sink {
        /** Whether more blocks are wanted. */
        boolean block(
                SeriesKey key, BddfFile.Series series, long nanos, long[] more, ByteBuffer payload)
                throws IOException;
    }

    /** {@return how many fitting entries have an empty payload, and are not in the file} */
    public long emptyPayloads() {
        return empty;
    }

    /**
     * Whether no entry fits, so that the file would have no blocks. Reads up to the first.
     *
     * @return true if it would have none
     * @throws IOException if the disk fails
     */
    public boolean isEmpty() throws IOException {
        boolean[] found = new boolean[1];
        each((_, _, _, _, _) -> {
            found[0] = true;
            return false;
        });
        return !found[0];
    }

    /**
     * Writes the file to {@code target}, which stays open.
     *
     * @param target takes the bytes in order
     * @throws IOException if the disk or the target fails
     */
    public void writeTo(WritableByteChannel target) throws IOException {
        Map<String, String> annotations =
                empty == 0 ? Map.of() : Map.of(EMPTY_PAYLOADS, Long.toString(empty));
        try (BddfWriter writer =
                new BddfWriter(target, new FileDescriptor(annotations, Checksum.SHA1))) {
            Output output = new Output(writer, reader);
            each((key, series, nanos, more, payload) -> {
                output.write(key, series, nanos, more, payload);
                return true;
            });
        }
    }

    /** Takes entries. */
    public interface Visitor {
        /**
         * Takes one.
         *
         * @param key of its series
         * @param nanos its time, in nanoseconds since 1970 UTC
         * @param payload read-only; good during the call
         * @throws IOException if it cannot be taken; nothing follows then
         */
        void entry(SeriesKey key, long nanos, ByteBuffer payload) throws IOException;
    }

    /**
     * Gives the entries that fit, page by page, but no signals.
     *
     * @param visitor takes each
     * @throws IOException if the disk or the visitor fails
     */
    public void entries(Visitor visitor) throws IOException {
        each((key, _, nanos, _, payload) -> {
            if (key.kind() != Kind.SIGNAL) {
                visitor.entry(key, nanos, payload);
            }
            return true;
        });
    }

    private void each(Sink sink) throws IOException {
        boolean[] more = {true};
        for (PageSummary page : pages) {
            if (more[0]) {
                reader.visit(page.id(), view -> more[0] = each(view, sink));
            }
        }
    }

    /** The next block of a series of a page. */
    private static final class Next {
        private final int number;
        private final SeriesKey key;
        private final BddfFile.Series series;
        private int i = -1;

        Next(int number, SeriesKey key, BddfFile.Series series) {
            this.number = number;
            this.key = key;
            this.series = series;
        }

        long offset() {
            return series.blocks().offset(i);
        }

        /** Goes to the next block in the range; false if there is none. */
        boolean advance(TimeRange range) {
            SeriesBlocks blocks = series.blocks();
            do {
                i++;
            } while (i < blocks.count() && !range.contains(blocks.nanos(i)));
            return i < blocks.count();
        }
    }

    /** The blocks of a page that fit, in the order in which they stand in it. */
    private boolean each(LogReader.View page, Sink sink) throws IOException {
        BddfFile file = page.file();
        PriorityQueue<Next> next = new PriorityQueue<>(Comparator.comparingLong(Next::offset));
        for (int i = 0; i < file.identifiers().size(); i++) {
            BddfFile.Series series = file.series(i);
            Optional<SeriesKey> key = page.keys().get(i);
            if (key.isPresent() && filter.fits(key.get())) {
                Next first = new Next(i, key.get(), series);
                if (first.advance(filter.range())) {
                    next.add(first);
                }
            }
        }
        for (Next here = next.poll(); here != null; here = next.poll()) {
            Optional<ByteBuffer> payload = reader.payload(page, here.number, here.i);
            if (payload.isPresent() && fits(here.key, payload.get())) {
                SeriesBlocks blocks = here.series.blocks();
                long nanos = blocks.nanos(here.i);
                long[] more = blocks.additionalIndexes(here.i);
                if (!sink.block(here.key, here.series, nanos, more, payload.get())) {
                    return false;
                }
            }
            if (here.advance(filter.range())) {
                next.add(here);
            }
        }
        return true;
    }

    private boolean fits(SeriesKey key, ByteBuffer payload) {
        return key.kind() != Kind.EVENT || filter.fitsLevel(EventFields.read(payload).level());
    }

    /** Writes blocks into series of the download. */
    private static final class Output {
        private final BddfWriter writer;
        private final LogReader reader;
        private final Map<SeriesIdentifier, Integer> numbers = new HashMap<>();
        private final Map<SeriesKey, SignalColumns> signals = new HashMap<>();

        Output(BddfWriter writer, LogReader reader) {
            this.writer = writer;
            this.reader = reader;
        }

        void write(
                SeriesKey key, BddfFile.Series series, long nanos, long[] more, ByteBuffer payload)
                throws IOException {
            if (key.kind() == Kind.SIGNAL) {
                columns(key, series).write(writer, nanos, payload);
                return;
            }
            SeriesIdentifier identifier = key.inDownload();
            Integer number = numbers.get(identifier);
            if (number == null) {
                SeriesType type = key.seriesType();
                number = writer.addSeries(identifier, type, Map.of(), key.additionalIndexes(), "");
                numbers.put(identifier, number);
            }
            writer.write(number, nanos, payload, more);
        }

        private SignalColumns columns(SeriesKey key, BddfFile.Series series) throws IOException {
            SignalColumns known = signals.get(key);
            if (known == null) {
                SignalSchema schema = reader.schema(key, series.descriptor());
                known = new SignalColumns(writer, key, schema);
                signals.put(key, known);
            }
            return known;
        }
    }
}
