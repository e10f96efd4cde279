package dev.forebay.control;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the required tag whose list of owners a listing reads; the other tags are looked up for
 * each of these owners.
 *
 * <p>The sparsest tag costs the fewest rows. An exact count would read whole lists, so each list is
 * read for {@link #SAMPLE} owners behind the place where the page begins: a list that ends before
 * that is the sparsest, else the one whose sample reaches furthest into the past. That is one
 * statement. Safe for use by many threads.
 */
final class LeadTag {
    /** How many owners of a tag are read to find out how dense it is. */
    private static final int SAMPLE = 256;

    private final String tagTable;

    LeadTag(String tagTable) {
        this.tagTable = tagTable;
    }

    /** Its key; null if no tag is required. */
    @Nullable String of(Handle handle, TagFilter filter, boolean softDeleted, Cursor before) {
        List<String> keys = List.copyOf(filter.tags().keySet());
        if (keys.size() < 2) {
            return keys.isEmpty() ? null : keys.getFirst();
        }
        Query query =
                handle.createQuery(
                        IntStream.range(0, keys.size())
                                .mapToObj(this::sample)
                                .collect(Collectors.joining(", ", "select ", "")));
        for (int i = 0; i < keys.size(); i++) {
            query.bind("key" + i, keys.get(i));
            query.bind("value" + i, filter.tags().get(keys.get(i)));
        }
        return query.bind("state", softDeleted ? 1 : 0)
                .bind("micros", before.micros())
                .bind("id", before.id())
                .bind("sample", SAMPLE)
                .map((found, context) -> {
                    int sparsest = 0;
                    long oldest = Long.MAX_VALUE;
                    for (int i = 0; i < keys.size(); i++) {
                        long reached = found.getLong(i + 1);
                        reached = found.wasNull() ? Long.MIN_VALUE : reached;
                        if (reached < oldest) {
                            oldest = reached;
                            sparsest = i;
                        }
                    }
                    return keys.get(sparsest);
                })
                .one();
    }

    /** The age of the last thing of the sample of one tag; null if there are fewer. */
    private String sample(int number) {
        return """
        (select x.created_at from %1$s x
        where x.tag_key = :key%2$d and x.tag_value = :value%2$d
        and x.soft_deleted = :state and (x.created_at, x.owner_id) < (:micros, :id)
        order by x.created_at desc, x.owner_id desc limit 1 offset :sample)\
        """
                .formatted(tagTable, number);
    }
}
