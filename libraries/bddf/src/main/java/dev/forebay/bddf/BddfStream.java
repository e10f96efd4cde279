package dev.forebay.bddf;

import dev.forebay.bddf.BddfException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file from its first byte to its last, from anything that gives bytes.
 *
 * <p><b>Guarantee.</b> A block is given only whole. {@link #next} returns null only behind the end
 * of a file whose checksum, if it has one, and whose end magic are right; every other file ends in
 * a {@link BddfException}. No length in the file leads to an allocation above the limit.
 *
 * <p><b>Limit.</b> A checksum covers the whole file, so blocks are given before it was checked.
 *
 * <p>For use by one thread. Blocks while the source has no bytes.
 */
public final class BddfStream {
    /** The largest block that is read unless another limit is given: 128 MiB. */
    public static final int LARGEST_BLOCK = 128 << 20;

    private static final int BUFFER = 1 << 16;

    private final ReadableByteChannel source;
    private final int largest;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private final List<SeriesDescriptor> series = new ArrayList<>();
    private final FileDescriptor file;
    private final MessageDigest digest = Sha1.create();

    /** False once the file is known to have no checksum. */
    private boolean summed = true;

    /** Where in the buffer the bytes begin that are not in the digest yet. */
    private int undigested;

    private long consumed;
    private boolean ended;

    /**
     * Reads the beginning of the file that {@code source} gives.
     *
     * @param source is read in order, and stays open
     * @throws IOException if the source fails
     */
    public BddfStream(ReadableByteChannel source) throws IOException {
        this(source, LARGEST_BLOCK);
    }

    /**
     * Reads the beginning of the file that {@code source} gives, with another limit.
     *
     * @param source is read in order, and stays open
     * @param largestBlock the most bytes of one block that are read, 1 KiB or more
     * @throws IOException if the source fails
     */
    public BddfStream(ReadableByteChannel source, int largestBlock) throws IOException {
        if (largestBlock < 1024) {
            throw new IllegalArgumentException(
                    "the limit of a block must be 1024 bytes or more, not " + largestBlock);
        }
        this.source = source;
        this.largest = largestBlock;
        byte[] magic = bytes(Layout.MAGIC.length);
        if (!Arrays.equals(magic, Layout.MAGIC)) {
            throw new BddfException(
                    Fault.NOT_BDDF, "the file does not begin with 'BDDF'; it is not a BDDF file");
        }
        long header = number();
        if (Layout.type(header) != Layout.DESCRIPTOR) {
            throw new BddfException(
                    Fault.DAMAGED, "the first block is not the descriptor of the file");
        }
        byte[] message = bytes(checked(Layout.size(header), 4));
        file = Descriptors.expect(Descriptors.OfFile.class, message, 4).file();
        summed = file.checksum() == Checksum.SHA1;
    }

    /**
     * What the file says of itself.
     *
     * @return version and annotations
     */
    public FileDescriptor file() {
        return file;
    }

    /** {@return the series that were described so far, by their numbers} */
    public List<SeriesDescriptor> series() {
        return List.copyOf(series);
    }

    /** {@return bytes that were read so far: where the next block begins} */
    public long position() {
        return consumed;
    }

    /**
     * {@return the next data block, or null at the end}
     *
     * @throws BddfException if the file is cut, damaged or too large
     * @throws IOException if the source fails
     */
    public @Nullable Block next() throws IOException {
        while (!ended) {
            long offset = consumed;
            long header = number();
            switch (Layout.type(header)) {
                case Layout.DATA -> {
                    return block(offset, Layout.size(header));
                }
                case Layout.DESCRIPTOR -> describe(offset, Layout.size(header));
                case Layout.END -> end();
                default ->
                        throw new BddfException(
                                Fault.DAMAGED,
                                "block at %d is of type %d; expected 0, 1 or 2"
                                        .formatted(offset, Layout.type(header)));
            }
        }
        return null;
    }

    private Block block(long offset, long size) throws IOException {
        int bytes = checked(size, offset);
        int described = length();
        if (described < 0 || described > bytes) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "block at %d has a descriptor of %s bytes, and only %d bytes in all"
                            .formatted(offset, Integer.toUnsignedString(described), bytes));
        }
        byte[] body = bytes(bytes);
        Descriptors.OfData data = Descriptors.decodeData(body, 0, described);
        if (data.series() >= series.size()) {
            throw new BddfException(
                    Fault.DAMAGED,
                    "block at %d is of series %d, and %d series were described before it"
                            .formatted(offset, data.series(), series.size()));
        }
        return new Block(
                series.get(data.series()),
                data.nanos(),
                data.additionalIndexes().boxed(),
                ByteBuffer.wrap(body, described, bytes - described).slice().asReadOnlyBuffer(),
                offset);
    }

    private void describe(long offset, long size) throws IOException {
        byte[] message = bytes(checked(size, offset));
        if (Descriptors.decode(message) instanceof Descriptors.OfSeries found) {
            if (found.series().index() != series.size()) {
                throw new BddfException(
                        Fault.DAMAGED,
                        "block at %d describes series %d; expected %d"
                                .formatted(offset, found.series().index(), series.size()));
            }
            series.add(found.series());
        }
    }

    private void end() throws IOException {
        number();
        digest();
        boolean compared = summed;
        summed = false;
        byte[] stated = bytes(Checksum.BYTES);
        if (compared && !MessageDigest.isEqual(digest.digest(), stated)) {
            throw new BddfException(
                    Fault.DAMAGED, "the checksum at the end is not that of the bytes before it");
        }
        if (!Arrays.equals(bytes(Layout.END_MAGIC.length), Layout.END_MAGIC)) {
            throw new BddfException(Fault.DAMAGED, "the file does not end with 'FDDB'");
        }
        ended = true;
    }

    private int checked(long size, long offset) {
        if (size > largest) {
            throw new BddfException(
                    Fault.TOO_LARGE,
                    "block at %d has %d bytes; the limit of this reader is %d"
                            .formatted(offset, size, largest));
        }
        return (int) size;
    }

    private long number() throws IOException {
        if (buffer.remaining() < Long.BYTES) {
            return ByteBuffer.wrap(bytes(Long.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getLong();
        }
        consumed += Long.BYTES;
        return buffer.getLong();
    }

    /** The length of a descriptor. */
    private int length() throws IOException {
        if (buffer.remaining() < Integer.BYTES) {
            return ByteBuffer.wrap(bytes(Integer.BYTES)).order(ByteOrder.LITTLE_ENDIAN).getInt();
        }
        consumed += Integer.BYTES;
        return buffer.getInt();
    }

    /** Reads all of them; grows with what really comes, so that a lie costs no memory. */
    private byte[] bytes(int count) throws IOException {
        byte[] bytes = new byte[Math.min(count, BUFFER)];
        int have = 0;
        while (have < count) {
            if (!buffer.hasRemaining() && !fill()) {
                throw new BddfException(
                        Fault.CUT,
                        "the file ends at %d, %d bytes before the end of what is there"
                                .formatted(consumed + have, count - have));
            }
            if (have == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(count, bytes.length * 2L));
            }
            int piece = Math.min(buffer.remaining(), bytes.length - have);
            buffer.get(bytes, have, piece);
            have += piece;
        }
        consumed += count;
        return bytes;
    }

    private boolean fill() throws IOException {
        digest();
        undigested = 0;
        buffer.clear();
        try {
            return source.read(buffer) >= 0;
        } finally {
            buffer.flip();
        }
    }

    /** Puts what was taken from the buffer into the digest: many blocks by one call. */
    private void digest() {
        if (summed) {
            digest.update(buffer.slice(undigested, buffer.position() - undigested));
        }
        undigested = buffer.position();
    }
}
