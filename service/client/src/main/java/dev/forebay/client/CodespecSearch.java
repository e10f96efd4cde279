package dev.forebay.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which codespecs a request is about; all parts must match.
 *
 * @param prefix how their names begin
 * @param tags those that have all of these tags
 * @param tagKeys those that have tags with all of these keys
 * @param createdAfter of the latest version, strictly; null: no limit, as in the other time
 * @param createdBefore those created before it; null: at any time
 */
public record CodespecSearch(
        String prefix,
        Map<String, String> tags,
        List<String> tagKeys,
        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore) {
    public static final CodespecSearch ALL =
            new CodespecSearch("", Map.of(), List.of(), null, null);

    /** Copies maps and lists. */
    public CodespecSearch {
        tags = Map.copyOf(tags);
        tagKeys = List.copyOf(tagKeys);
    }

    /** As parameters of a query, each with an ampersand before it. */
    String parameters() {
        Query query = new Query();
        query.add("prefix", prefix);
        query.addTags("tag", tags);
        tagKeys.forEach(each -> query.add("hasTag", each));
        query.add("createdAfter", createdAfter);
        query.add("createdBefore", createdBefore);
        return query.toString();
    }
}
