package dev.forebay.bddf;

import java.nio.charset.StandardCharsets;

/**
 * The bytes of a file. All numbers are little-endian; all offsets count from the first byte and
 * point at a block's header.
 *
 * <pre>
 * "BDDF"                       4
 * file descriptor              a descriptor block, always the first
 * series descriptors, data     blocks in any order; a descriptor precedes the data of its series
 * series block indexes         a descriptor block for each series, in order
 * file index                   a descriptor block
 * end header                   8   type 2, size 24
 * index offset                 8   where the header of the file index begins
 * checksum                    20   of all bytes so far; zeros if there is none
 * "FDDB"                       4
 *
 * header of a block:           8   type in the upper 8 bits, size in the lower 56
 *
 * descriptor block             header (type 1, size n), n bytes of a DescriptorBlock message
 * data block                   header (type 0, size d + p), d as 4 bytes, d bytes of a
 *                              DataDescriptor message, p bytes of payload; the size does not count
 *                              the 4 bytes
 * </pre>
 */
final class Layout {
    static final byte[] MAGIC = "BDDF".getBytes(StandardCharsets.US_ASCII);
    static final byte[] END_MAGIC = "FDDB".getBytes(StandardCharsets.US_ASCII);
    static final int HEADER = 8;

    /** The bytes in front of a data descriptor that hold its length. */
    static final int DESCRIPTOR_LENGTH = 4;

    static final int DATA = 0;
    static final int DESCRIPTOR = 1;
    static final int END = 2;

    /** The size that an end header states. */
    static final int END_SIZE = 24;

    /** The last bytes of a file: index offset, checksum, end magic. */
    static final int TRAILER = 8 + Checksum.BYTES + 4;

    static final long LARGEST_BLOCK = 0x00FF_FFFF_FFFF_FFFFL;

    private Layout() {}

    static long header(int type, long size) {
        if (size > LARGEST_BLOCK) {
            throw new IllegalArgumentException(
                    "a block has at most %d bytes, not %d".formatted(LARGEST_BLOCK, size));
        }
        return (long) type << 56 | size;
    }

    static int type(long header) {
        return (int) (header >>> 56);
    }

    static long size(long header) {
        return header & LARGEST_BLOCK;
    }
}
