package dev.forebay.bddf;

import java.util.Arrays;
import java.util.List;

/**
 * The CRC-32C of each block of a page by its offset; twelve bytes a block. Immutable; a look-up
 * halves what is left of the blocks until it is found.
 */
final class BlockChecksums {
    private final long[] offsets;
    private final int[] crcs;

    /**
     * @param entries those whose payload is not empty, in the order of their offsets
     */
    BlockChecksums(List<PageIndex.Entry> entries) {
        offsets = new long[entries.size()];
        crcs = new int[offsets.length];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = entries.get(i).offset();
            crcs[i] = entries.get(i).crc();
        }
    }

    /** Whether the block at {@code offset} is known and has this checksum. */
    boolean match(long offset, int crc) {
        int at = Arrays.binarySearch(offsets, offset);
        return at >= 0 && crcs[at] == crc;
    }

    /** What is known of the block at {@code offset}, for a message. */
    String at(long offset) {
        int at = Arrays.binarySearch(offsets, offset);
        return at < 0 ? "nothing" : "%08x".formatted(crcs[at]);
    }
}
