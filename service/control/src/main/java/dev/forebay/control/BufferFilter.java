package dev.forebay.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Selects buffers. More tags than a buffer can have are refused: each adds a part to the query, and
 * a database limits the size of a query.
 *
 * @param tags all of which must match exactly, at most 100
 * @param excludeTags any of which excludes, at most 100
 * @param softDeleted deleted ones only, active ones only, or both
 */
public record BufferFilter(
        Map<String, String> tags, Map<String, String> excludeTags, Optional<Boolean> softDeleted) {
    public BufferFilter {
        Tags.checkCount(tags.size());
        Tags.checkCount(excludeTags.size());
        tags = Map.copyOf(tags);
        excludeTags = Map.copyOf(excludeTags);
    }

    /** All active, or all deleted ones. */
    public static BufferFilter all(boolean softDeleted) {
        return new BufferFilter(Map.of(), Map.of(), Optional.of(softDeleted));
    }

    TagFilter tagFilter() {
        return new TagFilter(tags, excludeTags);
    }

    /** The states that are meant: deleted or not. */
    List<Boolean> states() {
        return softDeleted.map(List::of).orElse(List.of(false, true));
    }
}
