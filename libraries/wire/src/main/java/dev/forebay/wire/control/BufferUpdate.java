package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an update of a buffer says; clients send more, which is ignored.
 *
 * @param id of the buffer, which the path has too
 * @param expiresAt absent: as it is
 * @param tags all tags there shall be; absent: none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record BufferUpdate(
        @Nullable String id, @Nullable Instant expiresAt, @Nullable Map<String, String> tags) {}
