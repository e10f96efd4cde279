package dev.forebay.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which runs a request is about; all parts must match.
 *
 * @param statuses statuses or expressions such as {@code Running || !Failed}, of which one must
 *     match; none: any status
 * @param tags those that have all of these tags
 * @param tagKeys those that have tags with all of these keys
 * @param codespec a name, or a name with {@code /versions/N}; null: any
 * @param createdAfter strictly; null: no limit, as in the other times
 * @param createdBefore those created before it; null: at any time
 * @param finishedAfter with one of the ends the order is that of ends
 * @param finishedBefore those that ended before it; null: at any time
 */
public record RunSearch(
        List<String> statuses,
        Map<String, String> tags,
        List<String> tagKeys,
        @Nullable String codespec,
        @Nullable Instant createdAfter,
        @Nullable Instant createdBefore,
        @Nullable Instant finishedAfter,
        @Nullable Instant finishedBefore) {
    /** Copies maps and lists. */
    public RunSearch {
        statuses = List.copyOf(statuses);
        tags = Map.copyOf(tags);
        tagKeys = List.copyOf(tagKeys);
    }

    /** As parameters of a query, each with an ampersand before it. */
    String parameters() {
        Query query = new Query();
        query.addTags("tag", tags);
        statuses.forEach(each -> query.add("status", each));
        tagKeys.forEach(each -> query.add("hasTag", each));
        query.add("codespec", codespec);
        query.add("createdAfter", createdAfter);
        query.add("createdBefore", createdBefore);
        query.add("finishedAfter", finishedAfter);
        query.add("finishedBefore", finishedBefore);
        return query.toString();
    }
}
