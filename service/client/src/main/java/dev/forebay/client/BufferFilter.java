package dev.forebay.client;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which buffers a request is about.
 *
 * @param tags those that have all of these tags
 * @param withoutTags those that have none of these tags
 * @param softDeleted the deleted buffers if true, the others if false
 * @param tagKeys those that have tags with all of these keys
 * @param createdAfter strictly; null: no limit, as in the other time
 * @param createdBefore those created before it; null: at any time
 */
public record BufferFilter(
        Map<String, String> tags,
        Map<String, String> withoutTags,
        boolean softDeleted,
        List<String> tagKeys,
        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore) {
    /** All buffers that are not deleted. */
    public static final BufferFilter ALL = new BufferFilter(Map.of(), Map.of(), false);

    /** Copies maps and lists. */
    public BufferFilter {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        withoutTags = Collections.unmodifiableMap(new LinkedHashMap<>(withoutTags));
        tagKeys = List.copyOf(tagKeys);
    }

    /**
     * By tags alone.
     *
     * @param tags those that have all of these tags
     * @param withoutTags those that have none of these tags
     * @param softDeleted the deleted buffers if true, the others if false
     */
    public BufferFilter(
            Map<String, String> tags, Map<String, String> withoutTags, boolean softDeleted) {
        this(tags, withoutTags, softDeleted, List.of(), null, null);
    }

    /**
     * Those of these buffers that have the tag too.
     *
     * @param key of the tag
     * @param value of the tag
     * @return a narrower filter
     */
    public BufferFilter withTag(String key, String value) {
        return new BufferFilter(
                added(tags, key, value),
                withoutTags,
                softDeleted,
                tagKeys,
                createdAfter,
                createdBefore);
    }

    /**
     * Those of these buffers that do not have the tag.
     *
     * @param key of the tag
     * @param value of the tag
     * @return a narrower filter
     */
    public BufferFilter withoutTag(String key, String value) {
        return new BufferFilter(
                tags,
                added(withoutTags, key, value),
                softDeleted,
                tagKeys,
                createdAfter,
                createdBefore);
    }

    /**
     * The same, of deleted buffers.
     *
     * @return that filter
     */
    public BufferFilter withSoftDeleted() {
        return new BufferFilter(tags, withoutTags, true, tagKeys, createdAfter, createdBefore);
    }

    private static Map<String, String> added(Map<String, String> to, String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(to);
        all.put(key, value);
        return all;
    }

    /** As parameters of a query, but for the state, each with an ampersand before it. */
    String parameters() {
        Query query = new Query();
        query.addTags("tag", tags);
        query.addTags("excludeTag", withoutTags);
        tagKeys.forEach(key -> query.add("hasTag", key));
        query.add("createdAfter", createdAfter);
        query.add("createdBefore", createdBefore);
        return query.toString();
    }
}
