package dev.forebay.bddf;

import dev.forebay.bddf.BddfException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What is kept beside a file, and not in it, so that readers of the reference can read the file: a
 * checksum of each block, and the blocks whose payload is empty, at which those readers would stop.
 *
 * <pre>
 *  0   4  "FBPX"
 *  4   4  version, 1
 *  then an entry of 40 bytes a block, in the order of writing, little-endian:
 *  0   8  offset of the block's header; for an empty payload, of the block behind it
 *  8   8  time, nanoseconds since 1970
 * 16   4  bytes of payload
 * 20   4  series
 * 24   4  CRC-32C of the block, from its header to its last byte; 0 for an empty payload
 * 28   4  1 if the payload is empty and there is no block, else 0
 * 32   4  0
 * 36   4  CRC-32C of the entry's number, as 8 bytes, and of bytes 0 to 35
 * </pre>
 *
 * <p>Immutable.
 */
public final class PageIndex {
    static final byte[] MAGIC = "FBPX".getBytes(StandardCharsets.US_ASCII);
    static final int HEADER = 8;
    static final int ENTRY = 40;
    private static final int VERSION = 1;
    private static final int PIECE = ENTRY * 1638;

    /**
     * One block.
     *
     * @param offset where its header begins, or would begin if its payload were not empty
     * @param nanos its time
     * @param payloadBytes bytes of its payload
     * @param series the number of its series
     * @param crc the CRC-32C of its bytes
     */
    record Entry(long offset, long nanos, int payloadBytes, int series, int crc) {
        boolean empty() {
            return payloadBytes == 0;
        }
    }

    private final List<Entry> entries;

    PageIndex(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    List<Entry> entries() {
        return entries;
    }

    /** {@return how many blocks have an empty payload and are not in the file} */
    public long emptyPayloads() {
        return entries.stream().filter(Entry::empty).count();
    }

    /** {@return how many blocks of the file have a checksum here} */
    public long blocks() {
        return entries.size() - emptyPayloads();
    }

    /** Takes one block of a page. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one block.
         *
         * @param series the number of its series
         * @param nanos its time, in nanoseconds since 1970 UTC
         * @param payloadBytes bytes of its payload; 0 if it is kept here alone
         */
        void block(int series, long nanos, int payloadBytes);
    }

    /**
     * Shows every block, the empty ones too, in the order in which they were written.
     *
     * @param visitor takes each
     */
    public void visit(Visitor visitor) {
        for (Entry entry : entries) {
            visitor.block(entry.series, entry.nanos, entry.payloadBytes);
        }
    }

    /** The CRC-32C of each block of the file. */
    BlockChecksums checksums() {
        return new BlockChecksums(entries.stream().filter(entry -> !entry.empty()).toList());
    }

    static ByteBuffer header() {
        return ByteBuffer.allocate(HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putInt(VERSION)
                .flip();
    }

    /** Puts entry {@code number} into {@code target}. */
    static void put(ByteBuffer target, long number, Entry entry) {
        int from = target.position();
        target.putLong(entry.offset)
                .putLong(entry.nanos)
                .putInt(entry.payloadBytes)
                .putInt(entry.series)
                .putInt(entry.crc)
                .putInt(entry.empty() ? 1 : 0)
                .putInt(0);
        target.putInt(crc(number, target, from));
    }

    /** The checksum of the entry that begins at {@code from} in a buffer with an array. */
    private static int crc(long number, ByteBuffer entries, int from) {
        CRC32C crc = new CRC32C();
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (number >>> shift)); // The lowest eight bits of it.
        }
        crc.update(entries.array(), entries.arrayOffset() + from, ENTRY - 4);
        return (int) crc.getValue();
    }

    /**
     * Reads the entries up to the first that is not whole: behind it is what a crash left.
     *
     * @param source has the file, and stays open
     * @return what it says up to there
     * @throws BddfException if it is no such file
     * @throws IOException if the source fails
     */
    public static PageIndex read(Source source) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        source.read(header, 0);
        if (header.flip().remaining() < HEADER) {
            return new PageIndex(List.of());
        }
        byte[] magic = new byte[MAGIC.length];
        header.get(magic);
        int version = header.getInt();
        if (!Arrays.equals(magic, MAGIC) || version != VERSION) {
            throw new BddfException(
                    Fault.DAMAGED, "the index of a page does not begin with 'FBPX' and version 1");
        }
        List<Entry> entries = new ArrayList<>();
        ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = HEADER; ; at += PIECE) {
            source.read(piece.clear(), at);
            piece.flip();
            while (piece.remaining() >= ENTRY) {
                int stated = piece.getInt(piece.position() + ENTRY - 4);
                if (stated != crc(entries.size(), piece, piece.position())) {
                    return new PageIndex(entries);
                }
                entries.add(
                        new Entry(
                                piece.getLong(),
                                piece.getLong(),
                                piece.getInt(),
                                piece.getInt(),
                                piece.getInt()));
                piece.position(piece.position() + 12);
            }
            if (piece.limit() < PIECE) {
                return new PageIndex(entries);
            }
        }
    }
}
