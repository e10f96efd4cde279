package dev.forebay.bddf;

import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes a page: a file that readers of the reference can read, and its {@link PageIndex} beside
 * it.
 *
 * <p><b>Guarantee.</b> What was written before a {@link #flush} that returned is there after the
 * death of the process, and before a {@link #sync} that returned, after a power cut: the page can
 * be completed by {@link BddfRecovery}, and each block is checked there. After a call that failed,
 * every later one fails, except for {@link #view} and {@link #close}.
 *
 * <p><b>Limit.</b> The page has no checksum as a whole, so that recovery need not read it twice.
 * The directory has to be synced by the caller for the names to survive.
 *
 * <p>For use by one thread, except for {@link #force}. Blocks while the disk works.
 */
public final class PageWriter implements AutoCloseable {
    private static final int ENTRIES = 512;

    private final DiskFile page;
    private final DiskFile index;
    private final BddfWriter writer;

    /** Of the block that was written last. */
    private final CRC32C blockCrc = new CRC32C();

    private final FileDescriptor file;
    private final Appender indexEnd;
    private final ByteBuffer entries =
            ByteBuffer.allocate(ENTRIES * PageIndex.ENTRY).order(ByteOrder.LITTLE_ENDIAN);
    private long count;
    private long empty;

    /** Where the blocks end that the system has. */
    private long flushed;

    private volatile boolean poisoned;
    private boolean closed;

    private PageWriter(DiskFile page, DiskFile index, Map<String, String> annotations)
            throws IOException {
        this.page = page;
        this.index = index;
        indexEnd = new Appender(index, 0);
        indexEnd.write(PageIndex.header());
        file = new FileDescriptor(annotations, Checksum.NONE);
        writer = new BddfWriter(new Appender(page, 0), file, blockCrc);
    }

    /**
     * Begins a page in two new files.
     *
     * @param disk where both go
     * @param page the file of blocks
     * @param index the file beside it
     * @param annotations of the page
     * @return a writer, to be closed by the caller
     * @throws IOException if the disk fails, or one of the names is taken
     */
    public static PageWriter create(
            Disk disk, Path page, Path index, Map<String, String> annotations) throws IOException {
        try (Closing onFailure = new Closing()) {
            DiskFile pageFile = disk.open(page, Disk.Access.CREATE);
            onFailure.then(pageFile::close);
            DiskFile indexFile = disk.open(index, Disk.Access.CREATE);
            onFailure.then(indexFile::close);
            PageWriter created = new PageWriter(pageFile, indexFile, annotations);
            onFailure.forget();
            return created;
        }
    }

    /**
     * As {@link BddfWriter#addSeries(SeriesIdentifier, SeriesType, Map, List, String)}.
     *
     * @param identifier type and spec of the series
     * @param type what its payloads are
     * @param annotations keys and values, which readers may ignore
     * @param additionalIndexNames names of numbers that each block must have
     * @param description for people
     * @return its number, from 0
     * @throws IOException if the disk fails
     */
    public int addSeries(
            SeriesIdentifier identifier,
            SeriesType type,
            Map<String, String> annotations,
            List<String> additionalIndexNames,
            String description)
            throws IOException {
        check();
        return writer.addSeries(identifier, type, annotations, additionalIndexNames, description);
    }

    /**
     * Writes the remaining bytes of {@code payload} as one block; an empty one is kept in the index
     * alone.
     *
     * @param series its number
     * @param nanos its time, in nanoseconds since 1970 UTC
     * @param payload its position moves to its limit
     * @param additionalIndexes as many as the series names
     * @throws IllegalArgumentException as {@link BddfWriter#write}; an empty payload has no
     *     additional indexes
     * @throws IOException if the disk fails
     */
    public void write(int series, long nanos, ByteBuffer payload, long... additionalIndexes)
            throws IOException {
        check();
        int bytes = payload.remaining();
        if (bytes == 0 && additionalIndexes.length > 0) {
            throw new IllegalArgumentException(
                    "an empty payload for series %d has %d additional indexes; expected none"
                            .formatted(series, additionalIndexes.length));
        }
        long offset = writer.position();
        int crc = 0;
        if (bytes > 0) {
            boolean done = false;
            try {
                writer.write(series, nanos, payload, additionalIndexes);
                done = true;
            } catch (IllegalArgumentException e) {
                done = true; // Nothing was written.
                throw e;
            } finally {
                poisoned |= !done;
            }
            crc = (int) blockCrc.getValue();
        } else {
            writer.series(series);
            empty++;
        }
        if (!entries.hasRemaining()) {
            drain();
        }
        PageIndex.put(entries, count++, new PageIndex.Entry(offset, nanos, bytes, series, crc));
    }

    private void check() throws IOException {
        if (closed) {
            throw new IllegalStateException("the page was closed");
        }
        if (poisoned) {
            throw new IOException("an earlier call of this page failed; recover the page");
        }
    }

    private void drain() throws IOException {
        attempt(() -> {
            indexEnd.write(entries.flip());
            entries.clear();
        });
    }

    private void attempt(Closing.Step step) throws IOException {
        boolean done = false;
        try {
            step.close();
            done = true;
        } finally {
            poisoned |= !done;
        }
    }

    /** {@return bytes of both files so far} */
    public long bytes() {
        return writer.position() + PageIndex.HEADER + count * PageIndex.ENTRY;
    }

    /** {@return how many empty payloads are kept in the index alone} */
    public long emptyPayloads() {
        return empty;
    }

    /**
     * Hands everything to the system: it survives the process.
     *
     * @throws IOException if the disk fails
     */
    public void flush() throws IOException {
        check();
        attempt(writer::flush);
        drain();
        flushed = writer.position();
    }

    /**
     * Makes everything durable.
     *
     * @throws IOException if nothing is known of what was written since the last sync
     */
    public void sync() throws IOException {
        flush();
        force();
    }

    /**
     * Makes durable what was flushed before this call. Another thread may call it while one writes,
     * but not while {@link #close} runs.
     *
     * @throws IOException if nothing is known of what was written since the last sync
     */
    public void force() throws IOException {
        attempt(page::sync);
        attempt(index::sync);
    }

    /**
     * The blocks so far, to be read by any thread while more are written. They are flushed first;
     * of a page that failed or was closed, those are given that were flushed before.
     *
     * @param source the bytes of the page
     * @return a file that ends there
     * @throws IOException if the disk or the source fails
     */
    public BddfFile view(Source source) throws IOException {
        if (!poisoned && !closed) {
            flush();
        }
        return BddfFile.of(source, file, writer.seriesSoFar(flushed));
    }

    /**
     * Completes the page and makes it durable. Does nothing the second time; a poisoned page stays
     * cut.
     */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        boolean whole = !poisoned;
        closed = true;
        try (Closing all = new Closing()) {
            all.then(() -> {
                if (whole) {
                    writer.close();
                    drain();
                    page.sync();
                    index.sync();
                }
            });
            all.then(page::close);
            all.then(index::close);
        }
    }
}
