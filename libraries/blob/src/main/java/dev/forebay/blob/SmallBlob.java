package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A blob that is put together with others.
 *
 * @param name that it is to get
 * @param body its pieces, one after the other, of {@link #LARGEST} bytes at most; their positions
 *     stay
 * @param md5 that the body must have
 * @param metadata kept along with the body
 */
public record SmallBlob(
        BlobName name, List<ByteBuffer> body, Md5 md5, Map<String, String> metadata) {
    /** Bytes of the largest body. */
    public static final int LARGEST = 16 << 10;

    /** The most blobs that are put together. */
    public static final int MOST = 64;

    /** The most bytes of bodies that are put together. */
    public static final int MOST_BYTES = 128 << 10;

    /** Refuses too many blobs or bytes, a blob that is too large, and two of one name. */
    static void check(List<SmallBlob> blobs, long largest) {
        Set<BlobName> names = new HashSet<>();
        long bytes = 0;
        for (SmallBlob blob : blobs) {
            int size = blob.size();
            bytes += size;
            if (size > Math.min(LARGEST, largest)) {
                throw refused(
                        "blob %s has %d bytes, at most %d are taken with others; put it alone"
                                .formatted(blob.name(), size, Math.min(LARGEST, largest)));
            }
            if (!names.add(blob.name())) {
                throw refused("blob %s is there twice; give it once".formatted(blob.name()));
            }
        }
        if (names.isEmpty() || names.size() > MOST || bytes > MOST_BYTES) {
            throw refused(
                    "expected 1 to %d blobs of %d bytes in all, found %d of %d"
                            .formatted(MOST, MOST_BYTES, names.size(), bytes));
        }
    }

    private static ContainerException refused(String why) {
        return new ContainerException(ContainerException.Fault.BAD_REQUEST, why);
    }

    /** {@return bytes of the body} */
    public int size() {
        return body.stream().mapToInt(ByteBuffer::remaining).sum();
    }
}
