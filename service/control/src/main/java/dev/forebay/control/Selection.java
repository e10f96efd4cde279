package dev.forebay.control;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/**
 * The SQL between {@code select} and {@code order by} that finds the things of one state by their
 * tags, and the values of its parameters.
 *
 * <p>The rows come from one index, called {@code x}, which is in the order of a listing: that of
 * one tag, or that of all things. Every other tag is one look-up for a row in the index of that
 * tag. The look-up gives state and time too, although owner and key would do: so it finds its row
 * near the row before it, where an index by owner would be read at a random place each time. {@code
 * owner_id || ''} keeps SQLite from choosing that index.
 *
 * <p><b>Guarantee.</b> A page of {@code n} needs no sort, and no more look-ups than the rows of
 * {@code x} up to the nth match. <b>Limit.</b> Tags that are frequent each and rare together make
 * it read all rows of {@code x}. Not safe for use by many threads.
 */
final class Selection {
    private final StringBuilder sql;
    private final Map<String, Object> values = new HashMap<>();
    private final String tagTable;
    private final String id;

    private Selection(String table, String tagTable, String id, boolean softDeleted) {
        this.sql = new StringBuilder(" from %s x where x.soft_deleted = :state".formatted(table));
        this.tagTable = tagTable;
        this.id = id;
        values.put("state", softDeleted ? 1 : 0);
    }

    /**
     * Things behind {@code before}, newest first.
     *
     * @param lead the key of the tag whose index is read; null only if no tags are required
     */
    static Selection listed(
            String table,
            String tagTable,
            TagFilter filter,
            boolean softDeleted,
            Cursor before,
            @Nullable String lead) {
        Selection selection;
        if (lead == null) {
            selection = new Selection(table, tagTable, "x.id", softDeleted);
        } else {
            selection = new Selection(tagTable, tagTable, "x.owner_id", softDeleted);
            selection.values.put("leadKey", lead);
            selection.values.put("leadValue", filter.tags().getOrDefault(lead, ""));
            selection.sql.append(" and x.tag_key = :leadKey and x.tag_value = :leadValue");
        }
        selection.values.put("micros", before.micros());
        selection.values.put("id", before.id());
        selection.sql.append(" and (x.created_at, %s) < (:micros, :id)".formatted(selection.id));
        return selection.matching(filter, lead);
    }

    /** Things that ended before {@code now}. */
    static Selection expired(
            String table, String tagTable, TagFilter filter, boolean softDeleted, Instant now) {
        Selection selection = new Selection(table, tagTable, "x.id", softDeleted);
        selection.values.put("now", Micros.of(now));
        selection.sql.append(" and x.expires_at < :now");
        return selection.matching(filter, null);
    }

    private Selection matching(TagFilter filter, @Nullable String lead) {
        filter.tags()
                .forEach((key, value) -> {
                    if (!key.equals(lead)) {
                        probe("exists", key, value);
                    }
                });
        filter.excludeTags().forEach((key, value) -> probe("not exists", key, value));
        return this;
    }

    private void probe(String exists, String key, String value) {
        int number = values.size();
        values.put("key" + number, key);
        values.put("value" + number, value);
        sql.append(
                """

                and %1$s (select 1 from %2$s u
                    where u.tag_key = :key%3$d and u.tag_value = :value%3$d
                    and u.soft_deleted = :state
                    and u.created_at = x.created_at and u.owner_id || '' = %4$s)\
                """
                        .formatted(exists, tagTable, number, id));
    }

    /** The column of the ID, as {@code x.id}. */
    String id() {
        return id;
    }

    String sql() {
        return sql.toString();
    }

    <S extends SqlStatement<S>> S bind(S statement) {
        return statement.bindMap(values);
    }
}
