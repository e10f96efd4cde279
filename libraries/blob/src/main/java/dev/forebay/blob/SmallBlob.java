package dev.forebay.blob;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

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

    /** {@return bytes of the body} */
    public int size() {
        return body.stream().mapToInt(ByteBuffer::remaining).sum();
    }
}
