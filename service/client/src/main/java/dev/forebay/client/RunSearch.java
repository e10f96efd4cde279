package dev.forebay.client;

import dev.forebay.wire.Times;
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
 * @param finishedAfter with one of the ends the order is that of ends
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
    public RunSearch {
        statuses = List.copyOf(statuses);
        tags = Map.copyOf(tags);
        tagKeys = List.copyOf(tagKeys);
    }

    /** As parameters of a query, each with an ampersand before it. */
    String parameters() {
        StringBuilder query =
                new StringBuilder(new BufferFilter(tags, Map.of(), false).tagParameters());
        statuses.forEach(each -> append(query, "status", each));
        tagKeys.forEach(each -> append(query, "hasTag", each));
        append(query, "codespec", codespec);
        append(query, "createdAfter", createdAfter);
        append(query, "createdBefore", createdBefore);
        append(query, "finishedAfter", finishedAfter);
        append(query, "finishedBefore", finishedBefore);
        return query.toString();
    }

    private static void append(StringBuilder query, String name, @Nullable Instant time) {
        append(query, name, time == null ? null : Times.format(time));
    }

    private static void append(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append('&').append(name).append('=').append(BufferFilter.encoded(value));
        }
    }
}
