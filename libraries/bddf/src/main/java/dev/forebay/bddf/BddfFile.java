package dev.forebay.bddf;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.bddf.BddfException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads the blocks of a whole file in any order, by way of its index.
 *
 * <p><b>Guarantee.</b> Opening reads the first block, the last 32 bytes and the file index,
 * whatever the size of the file; the index of a series is read when it is first asked for. A block
 * is given only if its header, its series and its time are what the index says. No length in the
 * file leads to an allocation above the limit.
 *
 * <p><b>Limit.</b> The checksum of the whole file is not checked; {@link BddfStream} does that. A
 * changed byte of a payload is found only by a {@link PageIndex}.
 *
 * <p>Safe for use by many threads if its source is. Blocks while it reads.
 */
public final class BddfFile {
    private final Source source;
    private final int largest;
    private final FileDescriptor file;
    private final List<SeriesIdentifier> identifiers;

    /** Where the index of each series is; empty if all series are known. */
    private final LongList offsets;

    /** Where the blocks end at the latest. */
    private final long end;

    /** How many bytes there were when the file was opened. */
    private final long size;

    /** Null if blocks are not checked. */
    private final @Nullable BlockChecksums checksums;

    private final ReentrantLock lock = new ReentrantLock();

    /** What was read of each series so far. */
    @GuardedBy("lock")
    private final List<@Nullable Series> known = new ArrayList<>();

    /**
     * A series of a file.
     *
     * @param descriptor what the file says of it
     * @param blocks where its blocks are
     */
    public record Series(SeriesDescriptor descriptor, SeriesBlocks blocks) {}

    /**
     * Opens the file with the limit of {@link BddfStream#LARGEST_BLOCK}.
     *
     * @param source has the file, and stays open
     * @return the file, of which the index was read
     * @throws IOException if the source fails
     */
    public static BddfFile open(Source source) throws IOException {
        return open(source, BddfStream.LARGEST_BLOCK);
    }

    /**
     * Opens the file.
     *
     * @param source has the file, and stays open
     * @param largestBlock the most bytes of one block, or of an index, that are read
     * @return the file, of which the index was read
     * @throws BddfException if it is no whole BDDF file
     * @throws IOException if the source fails
     */
    public static BddfFile open(Source source, int largestBlock) throws IOException {
        return new BddfFile(source, largestBlock, null);
    }

    /**
     * Opens a page, and checks each block that is read against the index beside it.
     *
     * @param source has the page, and stays open
     * @param beside the index in the file beside it
     * @return the file, of which the index was read
     * @throws BddfException if it is no whole BDDF file
     * @throws IOException if the source fails
     */
    public static BddfFile open(Source source, PageIndex beside) throws IOException {
        return new BddfFile(source, BddfStream.LARGEST_BLOCK, beside.checksums());
    }

    /** The blocks of {@code known}, of a file that has no end yet. */
    static BddfFile of(Source source, FileDescriptor file, List<Series> known) throws IOException {
        return new BddfFile(source, file, known);
    }

    private BddfFile(Source source, FileDescriptor file, List<Series> known) throws IOException {
        this.source = source;
        this.file = file;
        largest = BddfStream.LARGEST_BLOCK;
        checksums = null;
        identifiers = known.stream().map(series -> series.descriptor.identifier()).toList();
        offsets = new LongList();
        size = source.size();
        end = size;
        this.known.addAll(known);
    }

    private BddfFile(Source source, int largest, @Nullable BlockChecksums checksums)
            throws IOException {
        this.source = source;
        this.largest = largest;
        this.checksums = checksums;
        size = source.size();
        if (!Arrays.equals(bytes(0, Layout.MAGIC.length, size), Layout.MAGIC)) {
            throw new BddfException(
                    Fault.NOT_BDDF, "the file does not begin with 'BDDF'; it is not a BDDF file");
        }
        file = descriptor(Descriptors.OfFile.class, Layout.MAGIC.length).file();
        byte[] trailer = bytes(Math.max(0, size - Layout.TRAILER), Layout.TRAILER, size);
        if (!Arrays.equals(
                Arrays.copyOfRange(trailer, Layout.TRAILER - 4, Layout.TRAILER),
                Layout.END_MAGIC)) {
            throw new BddfException(
                    Fault.CUT,
                    "the file does not end with 'FDDB'; it was not completed or is cut: recover it");
        }
        long at = ByteBuffer.wrap(trailer).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (at < Layout.MAGIC.length || at > size - Layout.TRAILER) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "the index is said to be at %s of %d bytes"
                            .formatted(Long.toUnsignedString(at), size));
        }
        end = size - Layout.TRAILER;
        Descriptors.OfIndex index = descriptor(Descriptors.OfIndex.class, at);
        identifiers = List.copyOf(index.identifiers());
        offsets = index.offsets();
        for (int i = 0; i < identifiers.size(); i++) {
            known.add(null);
        }
    }

    /**
     * What the file says of itself.
     *
     * @return version and annotations
     */
    public FileDescriptor file() {
        return file;
    }

    /** {@return the identifiers of all series, by their numbers} */
    public List<SeriesIdentifier> identifiers() {
        return identifiers;
    }

    /**
     * {@return the number of the series with this spec, whatever its series type}
     *
     * @param spec keys and values
     */
    public Optional<Integer> find(Map<String, String> spec) {
        for (int i = 0; i < identifiers.size(); i++) {
            if (identifiers.get(i).spec().equals(spec)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    /**
     * Series {@code number}, read when it is first asked for.
     *
     * @param number from 0
     * @return its descriptor and where its blocks are
     * @throws IOException if the source fails
     */
    public Series series(int number) throws IOException {
        lock.lock();
        try {
            Series series = known.get(number);
            if (series == null) {
                series = load(number);
                known.set(number, series);
            }
            return series;
        } finally {
            lock.unlock();
        }
    }

    private Series load(int number) throws IOException {
        long at = offsets.get(number);
        Descriptors.OfBlocks found = descriptor(Descriptors.OfBlocks.class, at);
        SeriesDescriptor described =
                descriptor(Descriptors.OfSeries.class, found.descriptorOffset()).series();
        if (found.series() != number || described.index() != number) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "the index at %d is of series %d, and leads to the descriptor of series %d; expected %d"
                            .formatted(at, found.series(), described.index(), number));
        }
        SeriesBlocks blocks = new SeriesBlocks(described.additionalIndexNames().size());
        Descriptors.EntryList entries = found.entries();
        for (int i = 0; i < entries.count(); i++) {
            blocks.add(entries.nanos().get(i), entries.offsets().get(i), entries.additional(i), 0);
        }
        blocks.payloadBytes(found.payloadBytes());
        return new Series(described, blocks);
    }

    /**
     * Block {@code i} of series {@code number}.
     *
     * @param number of the series, from 0
     * @param i of the block, from 0
     * @return its time and payload
     * @throws IOException if the source fails
     */
    public Block read(int number, int i) throws IOException {
        Series series = series(number);
        long offset = series.blocks.offset(i);
        long header = header(offset);
        if (Layout.type(header) != Layout.DATA) {
            throw new BddfException(
                    Fault.DAMAGED, "there is no data block at %d".formatted(offset));
        }
        int inside = checked(Layout.size(header), offset);
        byte[] body = bytes(offset + Layout.HEADER, Layout.DESCRIPTOR_LENGTH + inside, end);
        checkSum(offset, header, body);
        int described = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (described < 0 || described > inside) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "block at %d has a descriptor of %s bytes, and only %d bytes in all"
                            .formatted(offset, Integer.toUnsignedString(described), inside));
        }
        int payload = Layout.DESCRIPTOR_LENGTH + described;
        Descriptors.OfData data = Descriptors.decodeData(body, Layout.DESCRIPTOR_LENGTH, payload);
        if (data.series() != number || data.nanos() != series.blocks.nanos(i)) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "block at %d is of series %d at %d ns; the index says series %d at %d ns"
                            .formatted(
                                    offset,
                                    data.series(),
                                    data.nanos(),
                                    number,
                                    series.blocks.nanos(i)));
        }
        return new Block(
                series.descriptor,
                data.nanos(),
                data.additionalIndexes().boxed(),
                ByteBuffer.wrap(body, payload, body.length - payload).slice().asReadOnlyBuffer(),
                offset);
    }

    private void checkSum(long offset, long header, byte[] body) {
        if (checksums == null) {
            return;
        }
        CRC32C crc = new CRC32C();
        crc.update(
                ByteBuffer.allocate(Layout.HEADER)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header)
                        .flip());
        crc.update(body);
        if (!checksums.match(offset, (int) crc.getValue())) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "block at %d has checksum %08x; the index beside the page says %s"
                            .formatted(offset, crc.getValue(), checksums.at(offset)));
        }
    }

    private <T extends Descriptors> T descriptor(Class<T> expected, long at) throws IOException {
        long header = header(at);
        if (Layout.type(header) != Layout.DESCRIPTOR) {
            throw new BddfException(
                    Fault.DAMAGED, "there is no descriptor block at %d".formatted(at));
        }
        int count = checked(Layout.size(header), at);
        return Descriptors.expect(expected, bytes(at + Layout.HEADER, count, size), at);
    }

    private long header(long at) throws IOException {
        return ByteBuffer.wrap(bytes(at, Layout.HEADER, size))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    private int checked(long size, long at) {
        if (size > largest) {
            throw new BddfException(
                    Fault.TOO_LARGE,
                    "block at %d has %d bytes; the limit of this reader is %d"
                            .formatted(at, size, largest));
        }
        return (int) size;
    }

    private byte[] bytes(long at, int count, long end) throws IOException {
        if (at < 0 || at > end - count) {
            throw new BddfException(
                    Fault.CUT,
                    "%d bytes are expected at %s; the file has %d"
                            .formatted(count, Long.toUnsignedString(at), size));
        }
        byte[] bytes = new byte[count];
        int have = source.read(ByteBuffer.wrap(bytes), at);
        if (have != count) {
            throw new BddfException(
                    Fault.CUT,
                    "%d bytes are expected at %d; %d could be read".formatted(count, at, have));
        }
        return bytes;
    }
}
