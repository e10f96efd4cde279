package dev.forebay.client;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of a buffer.
 *
 * @param tags all tags that the buffer has afterwards
 * @param expiresAt when it is to be deleted by itself; null: as before
 * @param ifVersion the {@link BufferInfo#eTag} that the buffer must have; null: any
 */
public record BufferChange(
        Map<String, String> tags, @Nullable Instant expiresAt, @Nullable String ifVersion) {
    /**
     * A change to these tags, whatever the buffer's version.
     *
     * @param tags all that the buffer shall have
     * @return that change
     */
    public static BufferChange toTags(Map<String, String> tags) {
        return new BufferChange(tags, null, null);
    }

    /**
     * The same, with another end.
     *
     * @param end when it is deleted by itself
     * @return that change
     */
    public BufferChange withExpiry(Instant end) {
        return new BufferChange(tags, end, ifVersion);
    }

    /**
     * The same, refused if the buffer has another version by then.
     *
     * @param eTag that of {@link BufferInfo#eTag}
     * @return that change
     */
    public BufferChange ifVersion(String eTag) {
        return new BufferChange(tags, expiresAt, eTag);
    }
}
