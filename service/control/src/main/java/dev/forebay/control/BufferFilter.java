package dev.forebay.control;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Selects buffers. More tags than a buffer can have are refused: each adds a part to the query, and
 * a database limits the size of a query.
 *
 * @param tags all of which must match exactly, at most 100
 * @param excludeTags any of which excludes, at most 100
 * @param softDeleted deleted ones only, active ones only, or both
 * @param tagKeys keys of tags that a buffer must have, with any value; at most 100
 * @param created when they were made
 */
public record BufferFilter(
        Map<String, String> tags,
        Map<String, String> excludeTags,
        Optional<Boolean> softDeleted,
        Set<String> tagKeys,
        TimeRange created) {
    public BufferFilter {
        Tags.checkCount(tagKeys.size());
        tagKeys = Set.copyOf(tagKeys);
        Tags.checkCount(tags.size());
        Tags.checkCount(excludeTags.size());
        tags = Map.copyOf(tags);
        excludeTags = Map.copyOf(excludeTags);
    }

    /** By tags alone. */
    public BufferFilter(
            Map<String, String> tags,
            Map<String, String> excludeTags,
            Optional<Boolean> softDeleted) {
        this(tags, excludeTags, softDeleted, Set.of(), TimeRange.ALL);
    }

    /** All active, or all deleted ones. */
    public static BufferFilter all(boolean softDeleted) {
        return new BufferFilter(Map.of(), Map.of(), Optional.of(softDeleted));
    }

    public BufferFilter withSoftDeleted(boolean only) {
        return new BufferFilter(tags, excludeTags, Optional.of(only), tagKeys, created);
    }

    TagFilter tagFilter() {
        return new TagFilter(tags, excludeTags, tagKeys, created);
    }

    /** The states that are meant: deleted or not. */
    List<Boolean> states() {
        return softDeleted.map(List::of).orElse(List.of(false, true));
    }
}
