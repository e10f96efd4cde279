package dev.forebay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which buffers a request is about.
 *
 * @param tags those that have all of these tags
 * @param withoutTags those that have none of these tags
 * @param softDeleted the deleted buffers if true, the others if false
 */
public record BufferFilter(
        Map<String, String> tags, Map<String, String> withoutTags, boolean softDeleted) {
    /** All buffers that are not deleted. */
    public static final BufferFilter ALL = new BufferFilter(Map.of(), Map.of(), false);

    public BufferFilter {
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        withoutTags = Collections.unmodifiableMap(new LinkedHashMap<>(withoutTags));
    }

    /** Those of these buffers that have the tag too. */
    public BufferFilter withTag(String key, String value) {
        return new BufferFilter(added(tags, key, value), withoutTags, softDeleted);
    }

    /** Those of these buffers that do not have the tag. */
    public BufferFilter withoutTag(String key, String value) {
        return new BufferFilter(tags, added(withoutTags, key, value), softDeleted);
    }

    /** The same, of deleted buffers. */
    public BufferFilter withSoftDeleted() {
        return new BufferFilter(tags, withoutTags, true);
    }

    private static Map<String, String> added(Map<String, String> to, String key, String value) {
        Map<String, String> all = new LinkedHashMap<>(to);
        all.put(key, value);
        return all;
    }

    /** The tags as parameters of a query, each with an ampersand before it. */
    String tagParameters() {
        StringBuilder query = new StringBuilder();
        tags.forEach((key, value) -> append(query, "tag[" + key + "]", value));
        withoutTags.forEach((key, value) -> append(query, "excludeTag[" + key + "]", value));
        return query.toString();
    }

    private static void append(StringBuilder query, String name, String value) {
        query.append('&').append(encoded(name)).append('=').append(encoded(value));
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8);
    }
}
