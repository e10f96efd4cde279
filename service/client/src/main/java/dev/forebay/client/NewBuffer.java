package dev.forebay.client;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A buffer that is to be created.
 *
 * @param tags by their keys
 * @param expiresAt when it is to be deleted by itself; null: as the server is set
 * @param location where its data is kept; null: where the server keeps it
 */
public record NewBuffer(
        Map<String, String> tags, @Nullable Instant expiresAt, @Nullable String location) {
    /**
     * A buffer with these tags and the server's own settings.
     *
     * @param tags by their keys
     * @return that buffer
     */
    public static NewBuffer withTags(Map<String, String> tags) {
        return new NewBuffer(tags, null, null);
    }

    /**
     * The same, with an end.
     *
     * @param end when it is deleted by itself
     * @return that buffer
     */
    public NewBuffer withExpiry(Instant end) {
        return new NewBuffer(tags, end, location);
    }
}
