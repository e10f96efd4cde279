package dev.forebay.control;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/** The SQL of buffers; each method runs in the transaction of its handle. */
final class BufferTable {
    private static final String COLUMNS =
            "select b.id, b.created_at, b.expires_at, b.soft_deleted from buffers b";

    private final String lockingRead;

    BufferTable(String lockingRead) {
        this.lockingRead = lockingRead;
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** A condition and the values of its parameters. */
    private static final class Where {
        private final StringBuilder sql = new StringBuilder(" where 1 = 1");
        private final Map<String, Object> values = new HashMap<>();

        Where and(String condition, Object... values) {
            StringBuilder named = new StringBuilder();
            int next = 0;
            for (int i = 0; i < condition.length(); i++) {
                char c = condition.charAt(i);
                if (c == '?') {
                    String name = "p" + this.values.size();
                    this.values.put(name, values[next++]);
                    named.append(':').append(name);
                } else {
                    named.append(c);
                }
            }
            sql.append(" and (").append(named).append(')');
            return this;
        }

        <S extends SqlStatement<S>> S bind(S statement) {
            return statement.bindMap(values);
        }
    }

    private static Where where(BufferFilter filter) {
        Where where = new Where();
        filter.softDeleted().ifPresent(deleted -> where.and("b.soft_deleted = ?", deleted ? 1 : 0));
        filter.tags()
                .forEach((key, value) -> {
                    if (Tags.couldBe(key, value)) {
                        where.and(tagged(""), key, value);
                    } else {
                        where.and("1 = 0");
                    }
                });
        filter.excludeTags()
                .forEach((key, value) -> {
                    if (Tags.couldBe(key, value)) {
                        where.and(tagged("not "), key, value);
                    }
                });
        return where;
    }

    private static String tagged(String not) {
        return not
                + "exists (select 1 from buffer_tags t where t.buffer_id = b.id and t.tag_key = ? and t.tag_value = ?)";
    }

    private record Row(String id, long createdAt, @Nullable Long expiresAt, boolean softDeleted) {}

    private static List<Buffer> buffers(Handle handle, Query query) {
        List<Row> rows =
                query.map(
                                (found, context) -> {
                                    long expiry = found.getLong(3);
                                    Long expiresAt = found.wasNull() ? null : expiry;
                                    return new Row(
                                            found.getString(1),
                                            found.getLong(2),
                                            expiresAt,
                                            found.getInt(4) != 0);
                                })
                        .list();
        List<Buffer> buffers = new ArrayList<>(rows.size());
        for (Row row : rows) {
            buffers.add(
                    new Buffer(
                            row.id,
                            instant(row.createdAt),
                            Optional.ofNullable(row.expiresAt).map(BufferTable::instant),
                            row.softDeleted,
                            tags(handle, row.id)));
        }
        return buffers;
    }

    private static Map<String, String> tags(Handle handle, String id) {
        Map<String, String> tags = new HashMap<>();
        handle.createQuery("select tag_key, tag_value from buffer_tags where buffer_id = :id")
                .bind("id", id)
                .map((found, context) -> Map.entry(found.getString(1), found.getString(2)))
                .forEach(tag -> tags.put(tag.getKey(), tag.getValue()));
        return tags;
    }

    Optional<Buffer> find(Handle handle, String id) {
        return buffers(handle, handle.createQuery(COLUMNS + " where b.id = :id").bind("id", id))
                .stream()
                .findFirst();
    }

    /** The same, and nobody else changes it before this transaction ends. */
    Optional<Buffer> findLocked(Handle handle, String id) {
        String sql = COLUMNS + " where b.id = :id" + lockingRead;
        return buffers(handle, handle.createQuery(sql).bind("id", id)).stream().findFirst();
    }

    /** At most {@code limit}, newest first, after the one of that time and id if there is one. */
    List<Buffer> list(
            Handle handle,
            BufferFilter filter,
            int limit,
            @Nullable Long beforeMicros,
            String beforeId) {
        Where where = where(filter);
        if (beforeMicros != null) {
            where.and(
                    "b.created_at < ? or b.created_at = ? and b.id < ?",
                    beforeMicros,
                    beforeMicros,
                    beforeId);
        }
        String sql = COLUMNS + where.sql + " order by b.created_at desc, b.id desc limit :limit";
        return buffers(handle, where.bind(handle.createQuery(sql)).bind("limit", limit));
    }

    long count(Handle handle, BufferFilter filter, Instant now) {
        Where where = where(filter).and("b.expires_at is null or b.expires_at >= ?", micros(now));
        return where.bind(handle.createQuery("select count(*) from buffers b" + where.sql))
                .mapTo(Long.class)
                .one();
    }

    void insert(Handle handle, Buffer buffer) {
        handle.createUpdate(
                        "insert into buffers (id, created_at, expires_at, soft_deleted) values (:id, :created, :expires, 0)")
                .bind("id", buffer.id())
                .bind("created", micros(buffer.createdAt()))
                .bind("expires", buffer.expiresAt().map(BufferTable::micros).orElse(null))
                .execute();
        insertTags(handle, buffer.id(), buffer.tags());
    }

    private static void insertTags(Handle handle, String id, Map<String, String> tags) {
        tags.forEach((key, value) ->
                handle.createUpdate(
                                "insert into buffer_tags (buffer_id, tag_key, tag_value) values (:id, :key, :value)")
                        .bind("id", id)
                        .bind("key", key)
                        .bind("value", value)
                        .execute());
    }

    /** Stores expiry, deletion and tags as they are in {@code buffer}. */
    void update(Handle handle, Buffer buffer) {
        handle.createUpdate(
                        "update buffers set expires_at = :expires, soft_deleted = :deleted where id = :id")
                .bind("id", buffer.id())
                .bind("expires", buffer.expiresAt().map(BufferTable::micros).orElse(null))
                .bind("deleted", buffer.softDeleted() ? 1 : 0)
                .execute();
        handle.createUpdate("delete from buffer_tags where buffer_id = :id")
                .bind("id", buffer.id())
                .execute();
        insertTags(handle, buffer.id(), buffer.tags());
    }

    /** Sets deletion and expiry of all that match and have not expired; how many. */
    int updateAll(
            Handle handle,
            BufferFilter filter,
            boolean deleted,
            @Nullable Instant expiresAt,
            Instant now) {
        Where where = where(filter).and("b.expires_at is null or b.expires_at >= ?", micros(now));
        String sql =
                "update buffers set soft_deleted = :deleted, expires_at = :expires where id in (select b.id from buffers b"
                        + where.sql
                        + ")";
        return where.bind(handle.createUpdate(sql))
                .bind("deleted", deleted ? 1 : 0)
                .bind("expires", expiresAt == null ? null : micros(expiresAt))
                .execute();
    }

    /** Makes active ones that have expired deleted ones; how many. */
    int softDeleteExpired(Handle handle, Instant now, Instant expiresAt) {
        return handle.createUpdate(
                        "update buffers set soft_deleted = 1, expires_at = :expires where soft_deleted = 0 and expires_at < :now")
                .bind("expires", micros(expiresAt))
                .bind("now", micros(now))
                .execute();
    }

    List<String> expiredDeleted(Handle handle, Instant now, int limit) {
        return handle.createQuery(
                        "select id from buffers where soft_deleted = 1 and expires_at < :now order by expires_at limit :limit")
                .bind("now", micros(now))
                .bind("limit", limit)
                .mapTo(String.class)
                .list();
    }

    List<String> ids(Handle handle) {
        return handle.createQuery("select id from buffers order by id").mapTo(String.class).list();
    }

    void remove(Handle handle, String id) {
        handle.createUpdate("delete from buffer_tags where buffer_id = :id")
                .bind("id", id)
                .execute();
        handle.createUpdate("delete from buffers where id = :id").bind("id", id).execute();
    }
}
