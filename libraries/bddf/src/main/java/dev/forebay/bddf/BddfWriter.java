package dev.forebay.bddf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes a file from its first byte to its last, to anything that takes bytes.
 *
 * <p><b>Guarantee.</b> What {@link #close} completed is a file that every reader of the format can
 * read, with an index of each series and the checksum that the file descriptor names. A file that
 * was not closed can be completed by {@link BddfRecovery} up to its last whole block.
 *
 * <p><b>Limit.</b> The index is kept in memory: 16 bytes a block. An empty payload is refused,
 * because readers of the reference stop at one. Bytes wait in a buffer of 64 KiB until it is full,
 * {@link #flush} or {@link #close}. After a failed call the file is cut, and the writer refuses all
 * but {@code close}, which completes nothing then.
 *
 * <p>For use by one thread. Blocks while the target takes bytes.
 */
public final class BddfWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    /** A series that was described, where, and its blocks so far. */
    record Written(SeriesDescriptor descriptor, long offset, SeriesBlocks blocks) {}

    private final WritableByteChannel target;
    private final @Nullable MessageDigest digest;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
    private final ProtoWriter descriptor = new ProtoWriter();

    /** Of the block that was written last; null if it is not wanted. */
    private final @Nullable CRC32C blockCrc;

    private final List<Written> series = new ArrayList<>();
    private final Set<Map<String, String>> specs = new HashSet<>();

    /** Bytes that were handed to the target. */
    private long sent;

    private boolean closed;
    private boolean failed;

    /**
     * Begins a file on {@code target}, which {@link #close} leaves open.
     *
     * @param target takes the bytes in order
     * @param file what the file says of itself
     * @throws IOException if the target fails
     */
    public BddfWriter(WritableByteChannel target, FileDescriptor file) throws IOException {
        this(target, file, null);
    }

    /**
     * @param blockCrc where the CRC-32C of each block is left, its header included, until the next;
     *     null if it is not wanted
     */
    BddfWriter(WritableByteChannel target, FileDescriptor file, @Nullable CRC32C blockCrc)
            throws IOException {
        this.target = target;
        this.blockCrc = blockCrc;
        digest = file.checksum() == Checksum.SHA1 ? Sha1.create() : null;
        put(ByteBuffer.wrap(Layout.MAGIC));
        putDescriptor(Descriptors.encode(file));
    }

    /**
     * Goes on with a file of {@code length} bytes whose series are known.
     *
     * @param digest of those bytes, or null if the file has no checksum
     */
    BddfWriter(
            WritableByteChannel target,
            @Nullable MessageDigest digest,
            List<Written> series,
            long length) {
        this.target = target;
        blockCrc = null;
        this.digest = digest;
        this.series.addAll(series);
        series.forEach(written -> specs.add(written.descriptor.identifier().spec()));
        sent = length;
    }

    /** {@return where the next block will begin} */
    public long position() {
        return sent + buffer.position();
    }

    /**
     * Adds a series and returns its number.
     *
     * @param identifier type and spec of the series
     * @param type what its payloads are
     * @param annotations keys and values, which readers may ignore
     * @param additionalIndexNames names of numbers that each block must have beside its time
     * @param description for people
     * @return its number, from 0
     * @throws IllegalArgumentException if a series with the same spec was added
     * @throws IOException if the target fails
     */
    public int addSeries(
            SeriesIdentifier identifier,
            SeriesType type,
            Map<String, String> annotations,
            List<String> additionalIndexNames,
            String description)
            throws IOException {
        checkOpen();
        if (!specs.add(identifier.spec())) {
            throw new IllegalArgumentException(
                    "series %s was added already; a spec names one series of a file"
                            .formatted(identifier.spec()));
        }
        SeriesDescriptor added =
                new SeriesDescriptor(
                        series.size(),
                        identifier,
                        type,
                        annotations,
                        additionalIndexNames,
                        description);
        long offset = position();
        putDescriptor(Descriptors.encode(added));
        series.add(new Written(added, offset, new SeriesBlocks(additionalIndexNames.size())));
        return added.index();
    }

    /**
     * Adds a series without annotations, additional indexes or description.
     *
     * @param identifier type and spec of the series
     * @param type what its payloads are
     * @return its number, from 0
     * @throws IOException if the target fails
     */
    public int addSeries(SeriesIdentifier identifier, SeriesType type) throws IOException {
        return addSeries(identifier, type, Map.of(), List.of(), "");
    }

    /**
     * {@return the descriptor of a series that was added}
     *
     * @param index its number
     */
    public SeriesDescriptor series(int index) {
        return series.get(index).descriptor;
    }

    /**
     * All series so far with their blocks before {@code end}, for another thread to read while more
     * are written.
     */
    List<BddfFile.Series> seriesSoFar(long end) {
        return series.stream()
                .map(each -> new BddfFile.Series(each.descriptor, each.blocks.soFar(end)))
                .toList();
    }

    /**
     * {@return the blocks of a series so far; it grows with the writer}
     *
     * @param index the number of the series
     */
    public SeriesBlocks blocks(int index) {
        return series.get(index).blocks;
    }

    /**
     * Writes the remaining bytes of {@code payload} as one block and returns where it begins.
     *
     * @param index the number of its series
     * @param nanos its time, in nanoseconds since 1970 UTC
     * @param payload its position moves to its limit
     * @param additionalIndexes as many as the series names
     * @return bytes from the start of the file
     * @throws IllegalArgumentException if the payload is empty, the series is a struct, or the
     *     number of additional indexes is not what the series names
     * @throws IOException if the target fails
     */
    public long write(int index, long nanos, ByteBuffer payload, long... additionalIndexes)
            throws IOException {
        checkOpen();
        Written to = series.get(index);
        check(to.descriptor, payload, additionalIndexes);
        long offset = position();
        descriptor.clear();
        Descriptors.encode(descriptor, index, nanos, additionalIndexes);
        int described = descriptor.length();
        int bytes = payload.remaining();
        ByteBuffer out = room(Layout.HEADER + Layout.DESCRIPTOR_LENGTH);
        int head = out.position();
        out.putLong(Layout.header(Layout.DATA, (long) described + bytes)).putInt(described);
        if (blockCrc != null) {
            blockCrc.reset();
            blockCrc.update(out.array(), out.arrayOffset() + head, out.position() - head);
            blockCrc.update(descriptor.array(), 0, described);
            int begin = payload.position();
            blockCrc.update(payload);
            payload.position(begin);
        }
        put(descriptor.array(), described);
        put(payload);
        to.blocks.add(nanos, offset, additionalIndexes, bytes);
        return offset;
    }

    private static void check(
            SeriesDescriptor series, ByteBuffer payload, long[] additionalIndexes) {
        if (!payload.hasRemaining()) {
            throw new IllegalArgumentException(
                    "an empty payload for series %d; the format has no block without bytes"
                            .formatted(series.index()));
        }
        if (series.type() instanceof SeriesType.Struct) {
            throw new IllegalArgumentException(
                    "series %d is a struct, which has no blocks".formatted(series.index()));
        }
        if (additionalIndexes.length != series.additionalIndexNames().size()) {
            throw new IllegalArgumentException(
                    "%d additional indexes for series %d, which names %d"
                            .formatted(
                                    additionalIndexes.length,
                                    series.index(),
                                    series.additionalIndexNames().size()));
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the file was closed");
        }
        if (failed) {
            throw new IllegalStateException("an earlier write failed, so the file is cut");
        }
    }

    /**
     * Hands all bytes so far to the target.
     *
     * @throws IOException if the target fails
     */
    public void flush() throws IOException {
        checkOpen();
        drain();
    }

    private void putDescriptor(byte[] message) throws IOException {
        putLong(Layout.header(Layout.DESCRIPTOR, message.length));
        put(ByteBuffer.wrap(message));
    }

    private void putLong(long value) throws IOException {
        room(Long.BYTES).putLong(value);
    }

    /** The buffer, with room for {@code bytes}. */
    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            drain();
        }
        return buffer;
    }

    private void put(byte[] source, int count) throws IOException {
        if (count <= buffer.remaining()) {
            buffer.put(source, 0, count);
        } else {
            put(ByteBuffer.wrap(source, 0, count));
        }
    }

    private void put(ByteBuffer source) throws IOException {
        if (source.remaining() <= buffer.remaining()) {
            buffer.put(source);
            return;
        }
        drain();
        if (source.remaining() <= buffer.remaining()) {
            buffer.put(source);
        } else {
            send(source);
        }
    }

    private void drain() throws IOException {
        send(buffer.flip());
        buffer.clear();
    }

    private void send(ByteBuffer source) throws IOException {
        if (digest != null) {
            digest.update(source.duplicate());
        }
        boolean done = false;
        try {
            while (source.hasRemaining()) {
                sent += target.write(source);
            }
            done = true;
        } finally {
            failed |= !done;
        }
    }

    /** Writes the indexes and the end. Does nothing the second time, or after a failure. */
    @Override
    public void close() throws IOException {
        if (closed || failed) {
            closed = true;
            return;
        }
        closed = true;
        long[] offsets = new long[series.size()];
        for (Written written : series) {
            int index = written.descriptor.index();
            offsets[index] = position();
            putDescriptor(Descriptors.encode(index, written.offset, written.blocks));
        }
        long indexOffset = position();
        putDescriptor(
                Descriptors.encode(
                        series.stream().map(written -> written.descriptor.identifier()).toList(),
                        offsets));
        putLong(Layout.header(Layout.END, Layout.END_SIZE));
        putLong(indexOffset);
        drain();
        put(ByteBuffer.wrap(digest == null ? new byte[Checksum.BYTES] : digest.digest()));
        put(ByteBuffer.wrap(Layout.END_MAGIC));
        send(buffer.flip());
    }
}
