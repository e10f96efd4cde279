package dev.forebay.control;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.statement.SqlStatement;

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
     * @param lead the tag whose index is read; empty only if none is required
     */
    static Selection listed(
            String table,
            String tagTable,
            TagFilter filter,
            boolean softDeleted,
            Cursor before,
            Optional<RequiredTag> lead) {
        Selection selection =
                lead.isEmpty()
                        ? new Selection(table, tagTable, "x.id", softDeleted)
                        : new Selection(tagTable, tagTable, "x.owner_id", softDeleted);
        if (lead.isPresent()) {
            selection.required("x", "lead", lead.get());
        }
        Cursor end =
                filter.created()
                        .before()
                        .map(time -> before.orBehind(Cursor.before(time)))
                        .orElse(before);
        selection.values.put("micros", end.micros());
        selection.values.put("id", end.id());
        selection.sql.append(" and (x.created_at, %s) < (:micros, :id)".formatted(selection.id));
        selection.after(filter);
        return selection.matching(filter, lead);
    }

    /** Things that ended before {@code now}. */
    static Selection expired(
            String table, String tagTable, TagFilter filter, boolean softDeleted, Instant now) {
        Selection selection = new Selection(table, tagTable, "x.id", softDeleted);
        selection.values.put("now", Micros.of(now));
        selection.sql.append(" and x.expires_at < :now");
        filter.created()
                .before()
                .ifPresent(time -> {
                    selection.values.put("before", Micros.of(time));
                    selection.sql.append(" and x.created_at < :before");
                });
        selection.after(filter);
        return selection.matching(filter, Optional.empty());
    }

    private void after(TagFilter filter) {
        filter.created()
                .after()
                .ifPresent(time -> {
                    values.put("after", Micros.of(time));
                    sql.append(" and x.created_at > :after");
                });
    }

    /** That a row of the tags is this tag; its parameters begin with {@code name}. */
    private void required(String row, String name, RequiredTag tag) {
        sql.append(" and ").append(tag.condition(row, ":" + name + "Key", ":" + name + "Value"));
        values.put(name + "Key", tag.key());
        tag.value().ifPresent(value -> values.put(name + "Value", value));
    }

    private Selection matching(TagFilter filter, Optional<RequiredTag> lead) {
        for (RequiredTag tag : filter.required()) {
            if (!lead.equals(Optional.of(tag))) {
                probe("exists", tag);
            }
        }
        filter.excludeTags()
                .forEach((key, value) ->
                        probe("not exists", new RequiredTag(key, Optional.of(value))));
        return this;
    }

    private void probe(String exists, RequiredTag tag) {
        sql.append(
                "\nand %s (select 1 from %s u where u.soft_deleted = :state"
                        .formatted(exists, tagTable));
        required("u", "probe" + values.size(), tag);
        sql.append(" and u.created_at = x.created_at and u.owner_id || '' = %s)".formatted(id));
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
