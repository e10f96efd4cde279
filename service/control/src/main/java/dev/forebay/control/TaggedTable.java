package dev.forebay.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of a kind of things that are listed newest first, have tags, expire and are deleted
 * softly: a table of the things, and a table of their tags.
 *
 * <p>A row of the tags repeats the state and the age of its owner, so that the tags' primary key is
 * for every tag a list of its owners in the order of a listing. {@link #setState} is the only place
 * that changes the state, in both tables.
 *
 * <p><b>Guarantee.</b> A page costs one statement, and with several required tags one more that
 * chooses the tag to begin with. Each method is one part of the transaction of its handle. Safe for
 * use by many threads.
 */
abstract class TaggedTable<T> {
    private static final String COLUMNS =
            "b.id, b.created_at, b.expires_at, b.soft_deleted, t.tag_key, t.tag_value";

    private final String table;
    private final String tagTable;
    private final String rowLock;
    private final LeadTag leadTag;
    private final TagRows tagRows;

    /**
     * @param rowLock what locks the rows of {@code b} that a select finds until its transaction
     *     ends; empty where one writer makes it needless
     */
    TaggedTable(String table, String tagTable, String rowLock) {
        this.table = table;
        this.tagTable = tagTable;
        this.rowLock = rowLock;
        this.leadTag = new LeadTag(tagTable);
        this.tagRows = new TagRows(tagTable);
    }

    /** A thing as it was found. */
    abstract T thing(
            String id,
            Instant createdAt,
            Optional<Instant> expiresAt,
            boolean softDeleted,
            Map<String, String> tags);

    private final class Row {
        private final String id;
        private final long createdAt;
        private final @Nullable Long expiresAt;
        private final boolean softDeleted;
        private final Map<String, String> tags = new HashMap<>();

        Row(String id, long createdAt, @Nullable Long expiresAt, boolean softDeleted) {
            this.id = id;
            this.createdAt = createdAt;
            this.expiresAt = expiresAt;
            this.softDeleted = softDeleted;
        }

        T thing() {
            return TaggedTable.this.thing(
                    id,
                    Micros.toInstant(createdAt),
                    Optional.ofNullable(expiresAt).map(Micros::toInstant),
                    softDeleted,
                    tags);
        }
    }

    /** One thing for all rows that follow one another with the same ID, a row for each tag. */
    private List<T> things(Query query) {
        List<Row> rows = new ArrayList<>();
        query.map(
                        (found, context) -> {
                            String id = found.getString(1);
                            if (rows.isEmpty() || !rows.getLast().id.equals(id)) {
                                long expiry = found.getLong(3);
                                Long expiresAt = found.wasNull() ? null : expiry;
                                rows.add(
                                        new Row(
                                                id,
                                                found.getLong(2),
                                                expiresAt,
                                                found.getInt(4) != 0));
                            }
                            String key = found.getString(5);
                            if (key != null) {
                                rows.getLast().tags.put(key, found.getString(6));
                            }
                            return id;
                        })
                .list();
        return rows.stream().map(Row::thing).toList();
    }

    Optional<T> find(Handle handle, String id) {
        String sql =
                """
                select %s from %s b
                left join %s t on t.owner_id = b.id
                where b.id = :id\
                """
                        .formatted(COLUMNS, table, tagTable);
        return things(handle.createQuery(sql).bind("id", id)).stream().findFirst();
    }

    /**
     * The same, and no other transaction changes it before this one ends. It is locked first and
     * read then: a locking read shows the tags as they were before it waited for the lock.
     */
    Optional<T> findLocked(Handle handle, String id) {
        if (!rowLock.isEmpty()) {
            handle.createQuery("select b.id from %s b where b.id = :id%s".formatted(table, rowLock))
                    .bind("id", id)
                    .mapTo(String.class)
                    .list();
        }
        return find(handle, id);
    }

    /** At most {@code limit} behind {@code before}, newest first. */
    List<T> list(Handle handle, TagFilter filter, boolean softDeleted, Cursor before, int limit) {
        if (!filter.canMatch()) {
            return List.of();
        }
        Selection selection = listed(handle, filter, softDeleted, before);
        return things(selection.bind(handle.createQuery(pageSql(selection))).bind("limit", limit));
    }

    private String pageSql(Selection selection) {
        return """
        select %1$s
        from (select %2$s as id, x.created_at as created_at%3$s
            order by x.created_at desc, %2$s desc limit :limit) p
        join %4$s b on b.id = p.id
        left join %5$s t on t.owner_id = p.id
        order by p.created_at desc, p.id desc\
        """
                .formatted(COLUMNS, selection.id(), selection.sql(), table, tagTable);
    }

    private Selection listed(Handle handle, TagFilter filter, boolean softDeleted, Cursor before) {
        Optional<RequiredTag> lead = leadTag.of(handle, filter, softDeleted, before);
        return Selection.listed(table, tagTable, filter, softDeleted, before, lead);
    }

    /** How many match, without those that ended before {@code now}. */
    long count(Handle handle, TagFilter filter, boolean softDeleted, Instant now) {
        if (!filter.canMatch()) {
            return 0;
        }
        return count(handle, listed(handle, filter, softDeleted, Cursor.START))
                - count(handle, Selection.expired(table, tagTable, filter, softDeleted, now));
    }

    private static long count(Handle handle, Selection selection) {
        return selection
                .bind(handle.createQuery("select count(*)" + selection.sql()))
                .mapTo(Long.class)
                .one();
    }

    /** Adds an active thing. */
    void insert(
            Handle handle,
            String id,
            Instant createdAt,
            Optional<Instant> expiresAt,
            Map<String, String> tags) {
        handle.createUpdate(
                        """
                        insert into %s (id, created_at, expires_at, soft_deleted)
                        values (:id, :created, :expires, 0)\
                        """
                                .formatted(table))
                .bind("id", id)
                .bind("created", Micros.of(createdAt))
                .bind("expires", expiresAt.map(Micros::of).orElse(null))
                .execute();
        tagRows.insert(handle, id, createdAt, false, tags);
    }

    /** Puts {@code tags} in the place of all tags of a thing. */
    void setTags(
            Handle handle,
            String id,
            Instant createdAt,
            boolean softDeleted,
            Map<String, String> tags) {
        tagRows.delete(handle, id);
        tagRows.insert(handle, id, createdAt, softDeleted, tags);
    }

    /** Sets the state and the expiry of the things with these IDs. */
    void setState(
            Handle handle, List<String> ids, boolean softDeleted, @Nullable Instant expiresAt) {
        handle.createUpdate(
                        """
                        update %s set soft_deleted = :state, expires_at = :expires
                        where id in (<ids>)\
                        """
                                .formatted(table))
                .bindList("ids", ids)
                .bind("state", softDeleted ? 1 : 0)
                .bind("expires", Micros.ofNullable(expiresAt))
                .execute();
        tagRows.setState(handle, ids, softDeleted);
    }

    /** Sets state and expiry of all that match and have not ended before {@code now}; how many. */
    int setStateOfAll(
            Handle handle,
            TagFilter filter,
            boolean from,
            boolean to,
            @Nullable Instant expiresAt,
            Instant now) {
        if (!filter.canMatch()) {
            return 0;
        }
        int changed = 0;
        Cursor before = Cursor.START;
        while (true) {
            Selection selection = listed(handle, filter, from, before);
            List<BulkRow> chunk = BulkRow.lock(handle, selection, table, rowLock);
            if (chunk.isEmpty()) {
                return changed;
            }
            List<String> due =
                    chunk.stream()
                            .filter(row -> row.isDue(from, now))
                            .map(row -> row.place().id())
                            .toList();
            if (!due.isEmpty()) {
                setState(handle, due, to, expiresAt);
            }
            changed += due.size();
            before = chunk.getLast().place();
        }
    }

    /** Some IDs of one state that ended before {@code now}, the first to end first. */
    List<String> expired(Handle handle, boolean softDeleted, Instant now, int limit) {
        return handle.createQuery(
                        """
                        select b.id from %s b
                        where b.soft_deleted = :state and b.expires_at < :now
                        order by b.expires_at limit :limit%s\
                        """
                                .formatted(table, rowLock))
                .bind("state", softDeleted ? 1 : 0)
                .bind("now", Micros.of(now))
                .bind("limit", limit)
                .mapTo(String.class)
                .list();
    }

    /** The IDs behind {@code after}, in the order of the database, at most {@code limit}. */
    List<String> ids(Handle handle, String after, int limit) {
        return handle.createQuery(
                        "select id from %s where id > :after order by id limit :limit"
                                .formatted(table))
                .bind("after", after)
                .bind("limit", limit)
                .mapTo(String.class)
                .list();
    }

    boolean isThere(Handle handle, String id) {
        return handle.createQuery("select count(*) from %s where id = :id".formatted(table))
                        .bind("id", id)
                        .mapTo(Integer.class)
                        .one()
                > 0;
    }

    void remove(Handle handle, String id) {
        tagRows.delete(handle, id);
        handle.createUpdate("delete from %s where id = :id".formatted(table))
                .bind("id", id)
                .execute();
    }
}
