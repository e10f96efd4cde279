package dev.forebay.stream;

import dev.forebay.blob.BlobName;
import java.util.HexFormat;

/**
 * The names of data blobs, whose text order is the order of their numbers and which put at most
 * 4096 blobs in one folder.
 *
 * <pre>
 * number   ....dddddddd ffffffffffff     f: low 12 bits, d: the rest
 * name     RR / XX / ... / FFF           RR: bit length of d
 *                                        XX: d without its top bit, a byte each, none if RR &lt; 2
 *                                        FFF: f; all in upper-case hexadecimal
 * </pre>
 *
 * <p>Source: the reference's data plane, format 0.3.0.
 */
final class BlobNumber {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final int FILE_BITS = 12;

    private BlobNumber() {}

    /** The name of blob {@code number}, 0 or more. */
    static BlobName nameOf(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("blob number < 0: " + number);
        }
        long folder = number >> FILE_BITS;
        int root = Long.SIZE - Long.numberOfLeadingZeros(folder);
        StringBuilder path = new StringBuilder(HEX.toHexDigits(root, 2));
        if (root > 1) {
            long rest = folder & ~Long.highestOneBit(folder);
            for (int at = (root - 2) / 8; at >= 0; at--) {
                path.append('/').append(HEX.toHexDigits(rest >> (8 * at) & 0xFF, 2));
            }
        }
        return new BlobName(path.append('/').append(HEX.toHexDigits(number & 0xFFF, 3)).toString());
    }
}
