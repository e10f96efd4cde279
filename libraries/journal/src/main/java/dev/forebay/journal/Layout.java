package dev.forebay.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.zip.CRC32C;

/**
 * The bytes of a segment; the only class that knows them. All numbers are little-endian.
 *
 * <pre>
 * segment:  | header | zeros | header, again | zeros | frame | frame | ... | anything
 *           0                2048                    4096
 *
 * header:    0 magic "FBJOURNL"          8
 *            8 version                   4
 *           12 0                         4
 *           16 number of the segment     8   its generation: never used twice in a journal
 *           24 salt, random              8
 *           32 created, wall micros      8
 *           40 CRC32C of the 40 before   4
 *
 * frame:     0 CRC32C                    4   at a multiple of 8
 *            4 length of the payload     4
 *            8 sequence                  8   from 1, without a hole
 *           16 time, wall micros         8
 *           24 flags: 0-15 the caller's, 4
 *              16 a gap
 *           28 behind: sequence less the 4   unsigned, saturated; of a gap: how many are missing
 *              last one known as synced
 *           32 payload, zeros to a multiple of 8
 * </pre>
 *
 * The CRC of a frame covers all of it, with its first 8 bytes replaced by {@code key ^ offset ^
 * length << 32}, where the key is made of number and salt. So it covers generation and place: a
 * frame left over in a recycled file, and a payload that is a copy of a frame, are no frames.
 *
 * <p>Not safe for use by several threads: it owns a CRC.
 */
class Layout {
    static final int VERSION = 1;
    static final int HEADER = 4096;
    static final int HEADER_COPY = 2048;
    static final int HEADER_BYTES = 44;
    static final int FRAME = 32;
    static final int GAP = 1 << 16;
    static final int CALLER_FLAGS = 0xffff;

    /** The most frames that one gap record stands for. */
    static final long LARGEST_GAP = 0xffff_ffffL;

    private static final long MAGIC = 0x4c4e52554f4a4246L;
    private static final long ODD = 0x9e3779b97f4a7c15L;
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final CRC32C crc = new CRC32C();

    /** Who a segment is. */
    record Header(int version, long number, long salt, long createdMicros) {
        Header(long number, long salt, long createdMicros) {
            this(VERSION, number, salt, createdMicros);
        }
    }

    /** What the CRCs of a segment's frames begin with, besides the place of the frame. */
    long key(Header header) {
        return header.number() * ODD ^ header.salt();
    }

    static long micros(Instant time) {
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1000;
    }

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000L);
    }

    /** Bytes that a payload of {@code length} takes in a segment. */
    static long frameBytes(long length) {
        return (FRAME + length + 7) & -8L;
    }

    /** All {@link #HEADER} bytes, both copies. */
    byte[] encodeHeader(Header header) {
        byte[] bytes = new byte[HEADER];
        for (int at : new int[] {0, HEADER_COPY}) {
            LONG.set(bytes, at, MAGIC);
            INT.set(bytes, at + 8, header.version());
            LONG.set(bytes, at + 16, header.number());
            LONG.set(bytes, at + 24, header.salt());
            LONG.set(bytes, at + 32, header.createdMicros());
            INT.set(bytes, at + 40, crcOf(bytes, at, 40));
        }
        return bytes;
    }

    /** The header in one of the two copies, or null if neither is whole. */
    @org.jspecify.annotations.Nullable
    Header decodeHeader(byte[] bytes, int length) {
        for (int at : new int[] {0, HEADER_COPY}) {
            if (at + HEADER_BYTES <= length
                    && (long) LONG.get(bytes, at) == MAGIC
                    && (int) INT.get(bytes, at + 40) == crcOf(bytes, at, 40)) {
                return new Header(
                        (int) INT.get(bytes, at + 8),
                        (long) LONG.get(bytes, at + 16),
                        (long) LONG.get(bytes, at + 24),
                        (long) LONG.get(bytes, at + 32));
            }
        }
        return null;
    }

    private int crcOf(byte[] bytes, int from, int length) {
        crc.reset();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /**
     * Completes the frame whose payload of {@code length} bytes stands at {@code at + FRAME} in
     * {@code bytes}.
     *
     * @param offset where in the segment the frame will stand
     */
    void encodeFrame(
            byte[] bytes,
            int at,
            int length,
            long key,
            long offset,
            long sequence,
            long micros,
            int flags,
            long behind) {
        LONG.set(bytes, at, key ^ offset ^ (long) length << 32);
        LONG.set(bytes, at + 8, sequence);
        LONG.set(bytes, at + 16, micros);
        INT.set(bytes, at + 24, flags);
        INT.set(bytes, at + 28, (int) Math.min(behind, 0xffff_ffffL));
        int check = crcOf(bytes, at, FRAME + length);
        INT.set(bytes, at, check);
        INT.set(bytes, at + 4, length);
        int end = at + FRAME + length;
        int padded = at + (int) frameBytes(length);
        while (end < padded) {
            bytes[end++] = 0;
        }
    }

    /**
     * Whether {@code FRAME + length(bytes, at)} bytes from {@code at} are a frame of this place.
     */
    boolean isFrame(byte[] bytes, int at, long key, long offset) {
        int length = length(bytes, at);
        long start = (long) LONG.get(bytes, at);
        LONG.set(bytes, at, key ^ offset ^ (long) length << 32);
        int check = crcOf(bytes, at, FRAME + length);
        LONG.set(bytes, at, start);
        return (int) start == check;
    }

    /**
     * Whether the fields of a header agree with what is written: it spares the CRC of most places
     * that are no frames.
     */
    static boolean isPlausible(byte[] bytes, int at) {
        return (flags(bytes, at) & ~(GAP | CALLER_FLAGS)) == 0 && behind(bytes, at) != 0;
    }

    static int length(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + 4);
    }

    static long sequence(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at + 8);
    }

    static Instant time(byte[] bytes, int at) {
        return instant((long) LONG.get(bytes, at + 16));
    }

    static int flags(byte[] bytes, int at) {
        return (int) INT.get(bytes, at + 24);
    }

    /** How many frames this one stands for: 1, or all that a gap is missing. */
    static long count(byte[] bytes, int at) {
        return (flags(bytes, at) & GAP) == 0 ? 1 : behind(bytes, at);
    }

    /** The last sequence that was synced when this frame was made, or 0 if it does not say. */
    static long synced(byte[] bytes, int at) {
        if ((flags(bytes, at) & GAP) != 0) {
            return sequence(bytes, at) + behind(bytes, at) - 1; // A gap is made of what was synced.
        }
        long behind = behind(bytes, at);
        return behind == 0xffff_ffffL ? 0 : sequence(bytes, at) - behind;
    }

    private static long behind(byte[] bytes, int at) {
        return Integer.toUnsignedLong((int) INT.get(bytes, at + 28));
    }

    static boolean isZero(byte[] bytes, int at, int length) {
        for (int i = at; i < at + length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    static long longAt(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }
}
