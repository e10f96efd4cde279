package dev.forebay.blob;

import java.time.Instant;
import java.util.Map;

/**
 * What is known of a blob besides its body.
 *
 * @param name of the blob
 * @param size bytes of the body
 * @param md5 of the body
 * @param metadata what the writer gave along, names in lower case; for a data blob of a buffer
 *     {@code cumulative_hash_chain}
 * @param modified when it came into being, to the second or better
 */
public record BlobInfo(
        BlobName name, long size, Md5 md5, Map<String, String> metadata, Instant modified) {
    /** Copies the metadata. */
    public BlobInfo {
        metadata = Map.copyOf(metadata);
    }
}
