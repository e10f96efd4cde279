package dev.forebay.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    /** How many owners of a tag are looked at to find out how dense it is. */
    private static final int DENSITY_SAMPLE = 256;

    /** How many rows one statement changes; memory for a bulk change depends on it. */
    private static final int CHUNK = 500;

    private static final String COLUMNS =
            "b.id, b.created_at, b.expires_at, b.soft_deleted, t.tag_key, t.tag_value";

    private final String table;
    private final String tagTable;
    private final String rowLock;

    /**
     * @param rowLock what locks the rows of {@code b} that a select finds until its transaction
     *     ends; empty where one writer makes it needless
     */
    TaggedTable(String table, String tagTable, String rowLock) {
        this.table = table;
        this.tagTable = tagTable;
        this.rowLock = rowLock;
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
        String lead = lead(handle, filter, softDeleted, before);
        return Selection.listed(table, tagTable, filter, softDeleted, before, lead);
    }

    /**
     * The key of the required tag that is sparsest behind {@code before}: it has fewer owners there
     * than the sample, or its sample reaches furthest into the past. Null if no tag is required.
     */
    private @Nullable String lead(
            Handle handle, TagFilter filter, boolean softDeleted, Cursor before) {
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
                .bind("sample", DENSITY_SAMPLE)
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
        insertTags(handle, id, createdAt, false, tags);
    }

    private void insertTags(
            Handle handle,
            String id,
            Instant createdAt,
            boolean softDeleted,
            Map<String, String> tags) {
        if (tags.isEmpty()) {
            return;
        }
        var batch =
                handle.prepareBatch(
                        """
                        insert into %s (tag_key, tag_value, soft_deleted, created_at, owner_id)
                        values (:key, :value, :state, :created, :owner)\
                        """
                                .formatted(tagTable));
        tags.forEach((key, value) ->
                batch.bind("key", key)
                        .bind("value", value)
                        .bind("state", softDeleted ? 1 : 0)
                        .bind("created", Micros.of(createdAt))
                        .bind("owner", id)
                        .add());
        batch.execute();
    }

    /** Puts {@code tags} in the place of all tags of a thing. */
    void setTags(
            Handle handle,
            String id,
            Instant createdAt,
            boolean softDeleted,
            Map<String, String> tags) {
        deleteTags(handle, id);
        insertTags(handle, id, createdAt, softDeleted, tags);
    }

    private void deleteTags(Handle handle, String id) {
        handle.createUpdate("delete from %s where owner_id = :id".formatted(tagTable))
                .bind("id", id)
                .execute();
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
        handle.createUpdate(
                        """
                        update %s set soft_deleted = :state
                        where owner_id in (<ids>) and soft_deleted <> :state\
                        """
                                .formatted(tagTable))
                .bindList("ids", ids)
                .bind("state", softDeleted ? 1 : 0)
                .execute();
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
            List<Candidate> chunk = chunk(handle, filter, from, before);
            if (chunk.isEmpty()) {
                return changed;
            }
            List<String> due =
                    chunk.stream()
                            .filter(found ->
                                    found.softDeleted == from && found.end >= Micros.of(now))
                            .map(found -> found.place.id())
                            .toList();
            if (!due.isEmpty()) {
                setState(handle, due, to, expiresAt);
            }
            changed += due.size();
            before = chunk.getLast().place;
        }
    }

    /** A thing that a bulk change has locked. */
    private record Candidate(Cursor place, boolean softDeleted, long end) {}

    private List<Candidate> chunk(
            Handle handle, TagFilter filter, boolean softDeleted, Cursor before) {
        Selection selection = listed(handle, filter, softDeleted, before);
        String sql =
                """
                select b.id, b.created_at, b.soft_deleted, b.expires_at
                from (select %1$s as id%2$s
                    order by x.created_at desc, %1$s desc limit :limit) p
                join %3$s b on b.id = p.id
                order by b.created_at desc, b.id desc%4$s\
                """
                        .formatted(selection.id(), selection.sql(), table, rowLock);
        return selection
                .bind(handle.createQuery(sql))
                .bind("limit", CHUNK)
                .map((found, context) -> {
                    Cursor place = new Cursor(found.getLong(2), found.getString(1));
                    boolean deleted = found.getInt(3) != 0;
                    long end = found.getLong(4);
                    return new Candidate(place, deleted, found.wasNull() ? Long.MAX_VALUE : end);
                })
                .list();
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
        deleteTags(handle, id);
        handle.createUpdate("delete from %s where id = :id".formatted(table))
                .bind("id", id)
                .execute();
    }
}
