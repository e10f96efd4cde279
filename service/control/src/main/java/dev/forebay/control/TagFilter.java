package dev.forebay.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tags that a thing must have, tags that it must not have, and when it was made.
 *
 * @param tags all of them must match exactly
 * @param excludeTags any of them excludes
 * @param tagKeys all of them must be there, with any value
 */
record TagFilter(
        Map<String, String> tags,
        Map<String, String> excludeTags,
        Set<String> tagKeys,
        TimeRange created) {
    static final TagFilter NONE = new TagFilter(Map.of(), Map.of());

    /**
     * Leaves out exclusions that no stored tag can meet; PostgreSQL refuses some of their texts.
     */
    TagFilter {
        Map<String, String> possible = new HashMap<>(excludeTags);
        possible.entrySet().removeIf(tag -> !Tags.couldBe(tag.getKey(), tag.getValue()));
        excludeTags = Map.copyOf(possible);
        tags = Map.copyOf(tags);
        tagKeys = Set.copyOf(tagKeys);
    }

    TagFilter(Map<String, String> tags, Map<String, String> excludeTags) {
        this(tags, excludeTags, Set.of(), TimeRange.ALL);
    }

    List<RequiredTag> required() {
        List<RequiredTag> required = new ArrayList<>();
        tags.forEach((key, value) -> required.add(new RequiredTag(key, Optional.of(value))));
        tagKeys.forEach(key -> required.add(new RequiredTag(key, Optional.empty())));
        return required;
    }

    /** False if one of the required tags is a text that no tag can be. */
    boolean canMatch() {
        return required().stream().allMatch(RequiredTag::couldBe);
    }
}
