package dev.forebay.control;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A buffer as the catalogue knows it.
 *
 * @param id 26 characters, the name of its container
 * @param createdAt to the microsecond
 * @param expiresAt to the microsecond; empty: never
 * @param tags names in their order, which are compared with case
 */
public record Buffer(
        String id,
        Instant createdAt,
        Optional<Instant> expiresAt,
        boolean softDeleted,
        Map<String, String> tags)
        implements Expiring {
    public Buffer {
        tags = Map.copyOf(tags);
    }

    /** Changes exactly when the tags, the expiry or the deletion of the buffer change. */
    public String eTag() {
        return ETag.of(id, softDeleted, expiresAt, tags);
    }
}
