package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A buffer on the wire; source: section 2.9 of the reference's protocol.
 *
 * @param id ignored on creation, as {@code createdAt} is
 * @param createdAt when it was created
 * @param location where its data is
 * @param softDeleted whether it is deleted and can be restored; absent: no
 * @param expiresAt absent: never
 * @param tags by their keys; absent: none
 * @param eTag its version, for {@code If-Match}
 */
public record BufferBody(
        @Nullable String id,
        @Nullable Instant createdAt,
        @Nullable String location,
        @JsonProperty("isSoftDeleted") boolean softDeleted,
        @Nullable Instant expiresAt,
        @Nullable Map<String, String> tags,
        @JsonProperty("eTag") @Nullable String eTag) {}
