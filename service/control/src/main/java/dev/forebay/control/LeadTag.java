package dev.forebay.control;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

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

    /** Empty if no tag is required. */
    Optional<RequiredTag> of(Handle handle, TagFilter filter, boolean softDeleted, Cursor before) {
        List<RequiredTag> tags = filter.required();
        if (tags.size() < 2) {
            return tags.stream().findFirst();
        }
        Query query =
                handle.createQuery(
                        IntStream.range(0, tags.size())
                                .mapToObj(i -> sample(i, tags.get(i)))
                                .collect(Collectors.joining(", ", "select ", "")));
        for (int i = 0; i < tags.size(); i++) {
            query.bind("key" + i, tags.get(i).key());
            if (tags.get(i).value().isPresent()) {
                query.bind("value" + i, tags.get(i).value().get());
            }
        }
        return Optional.of(
                query.bind("state", softDeleted ? 1 : 0)
                        .bind("micros", before.micros())
                        .bind("id", before.id())
                        .bind("sample", SAMPLE)
                        .map((found, context) -> {
                            int sparsest = 0;
                            long oldest = Long.MAX_VALUE;
                            for (int i = 0; i < tags.size(); i++) {
                                long reached = found.getLong(i + 1);
                                reached = found.wasNull() ? Long.MIN_VALUE : reached;
                                if (reached < oldest) {
                                    oldest = reached;
                                    sparsest = i;
                                }
                            }
                            return tags.get(sparsest);
                        })
                        .one());
    }

    /** The age of the last thing of the sample of one tag; null if there are fewer. */
    private String sample(int number, RequiredTag tag) {
        return """
        (select x.created_at from %s x
        where %s
        and x.soft_deleted = :state and (x.created_at, x.owner_id) < (:micros, :id)
        order by x.created_at desc, x.owner_id desc limit 1 offset :sample)\
        """
                .formatted(tagTable, tag.condition("x", ":key" + number, ":value" + number));
    }
}
