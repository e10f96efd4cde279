package dev.forebay.control;

import java.util.Map;
import java.util.Optional;

/**
 * Which buffers are meant.
 *
 * @param tags all of which must match exactly
 * @param excludeTags any of which excludes
 * @param softDeleted deleted ones only, active ones only, or both
 */
public record BufferFilter(
        Map<String, String> tags, Map<String, String> excludeTags, Optional<Boolean> softDeleted) {
    public BufferFilter {
        tags = Map.copyOf(tags);
        excludeTags = Map.copyOf(excludeTags);
    }

    /** All active, or all deleted ones. */
    public static BufferFilter all(boolean softDeleted) {
        return new BufferFilter(Map.of(), Map.of(), Optional.of(softDeleted));
    }
}
