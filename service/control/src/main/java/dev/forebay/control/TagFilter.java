package dev.forebay.control;

import java.util.HashMap;
import java.util.Map;

/**
 * Tags that a thing must have, and tags of which it must have none.
 *
 * @param tags all of them must match exactly
 * @param excludeTags any of them excludes
 */
record TagFilter(Map<String, String> tags, Map<String, String> excludeTags) {
    static final TagFilter NONE = new TagFilter(Map.of(), Map.of());

    /**
     * Leaves out exclusions that no stored tag can meet; PostgreSQL refuses some of their texts.
     */
    TagFilter {
        Map<String, String> possible = new HashMap<>(excludeTags);
        possible.entrySet().removeIf(tag -> !Tags.couldBe(tag.getKey(), tag.getValue()));
        excludeTags = Map.copyOf(possible);
        tags = Map.copyOf(tags);
    }

    /** False if one of the required tags is a text that no tag can be. */
    boolean canMatch() {
        return tags.entrySet().stream().allMatch(tag -> Tags.couldBe(tag.getKey(), tag.getValue()));
    }
}
