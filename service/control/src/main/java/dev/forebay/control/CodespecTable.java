package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.wire.Json;
import dev.forebay.wire.control.CodespecBody;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * The SQL of codespecs: names with their latest version, versions with their content as JSON, and
 * the tags of names. Safe for use by many threads.
 */
final class CodespecTable {
    private static final String COLUMNS = "c.name, c.version, c.created_at, c.content";

    /** Behind every character of a name. */
    private static final String LAST = "\u007f";

    private final String rowLock;

    CodespecTable(String rowLock) {
        this.rowLock = rowLock;
    }

    /**
     * The number of the latest version, 0 for a new name; no other transaction adds one before this
     * one ends.
     */
    int lockName(Handle handle, String name) {
        handle.createUpdate(
                        """
                        insert into codespec_names (name, latest) values (:name, 0)
                        on conflict do nothing\
                        """)
                .bind("name", name)
                .execute();
        return handle.createQuery(
                        "select b.latest from codespec_names b where b.name = :name" + rowLock)
                .bind("name", name)
                .mapTo(Integer.class)
                .one();
    }

    void insert(Handle handle, String name, int version, Instant createdAt, CodespecBody content) {
        handle.createUpdate(
                        """
                        insert into codespecs (name, version, created_at, content)
                        values (:name, :version, :created, :content)\
                        """)
                .bind("name", name)
                .bind("version", version)
                .bind("created", Micros.of(createdAt))
                .bind("content", new String(Json.write(content.as(null, null, null)), UTF_8))
                .execute();
        handle.createUpdate("update codespec_names set latest = :version where name = :name")
                .bind("version", version)
                .bind("name", name)
                .execute();
    }

    Optional<CodespecBody> find(Handle handle, String name, int version) {
        return codespecs(
                        handle.createQuery(
                                        """
                                        select %s from codespecs c
                                        where c.name = :name and c.version = :version\
                                        """
                                                .formatted(COLUMNS))
                                .bind("name", name)
                                .bind("version", version))
                .stream()
                .findFirst();
    }

    Optional<CodespecBody> findLatest(Handle handle, String name) {
        return codespecs(
                        handle.createQuery(
                                        """
                                        select %s from codespec_names n
                                        join codespecs c
                                            on c.name = n.name and c.version = n.latest
                                        where n.name = :name\
                                        """
                                                .formatted(COLUMNS))
                                .bind("name", name))
                .stream()
                .findFirst();
    }

    /**
     * The latest versions behind {@code after}, by name. Reads every name with the prefix as far as
     * the page reaches.
     */
    List<CodespecBody> list(
            Handle handle, String prefix, TagFilter filter, String after, int limit) {
        StringBuilder sql =
                new StringBuilder(
                        """
                        select %s from codespec_names n
                        join codespecs c on c.name = n.name and c.version = n.latest
                        where n.name > :after and n.name >= :prefix and n.name < :end\
                        """
                                .formatted(COLUMNS));
        Map<String, Object> values = new HashMap<>();
        filter.created()
                .after()
                .ifPresent(time -> {
                    values.put("createdAfter", Micros.of(time));
                    sql.append(" and c.created_at > :createdAfter");
                });
        filter.created()
                .before()
                .ifPresent(time -> {
                    values.put("createdBefore", Micros.of(time));
                    sql.append(" and c.created_at < :createdBefore");
                });
        for (RequiredTag tag : filter.required()) {
            int number = values.size();
            values.put("key" + number, tag.key());
            sql.append("\nand exists (select 1 from codespec_tags t where t.tag_key = :key")
                    .append(number);
            tag.value()
                    .ifPresent(value -> {
                        values.put("value" + number, value);
                        sql.append(" and t.tag_value = :value").append(number);
                    });
            sql.append(" and t.name = n.name)");
        }
        return codespecs(
                handle.createQuery(sql.append(" order by n.name limit :limit").toString())
                        .bindMap(values)
                        .bind("after", after)
                        .bind("prefix", prefix)
                        .bind("end", prefix + LAST)
                        .bind("limit", limit));
    }

    private static List<CodespecBody> codespecs(Query query) {
        return query.map((found, context) ->
                        Json.read(found.getString(4).getBytes(UTF_8), CodespecBody.class)
                                .as(
                                        found.getString(1),
                                        found.getInt(2),
                                        Micros.toInstant(found.getLong(3))))
                .list();
    }

    Map<String, String> tags(Handle handle, String name) {
        Map<String, String> tags = new HashMap<>();
        handle.createQuery(
                        "select t.tag_key, t.tag_value from codespec_tags t where t.name = :name")
                .bind("name", name)
                .map((found, context) -> tags.put(found.getString(1), found.getString(2)))
                .list();
        return tags;
    }

    /** Puts {@code tags} in the place of all tags of a name. */
    void setTags(Handle handle, String name, Map<String, String> tags) {
        handle.createUpdate("delete from codespec_tags where name = :name")
                .bind("name", name)
                .execute();
        if (tags.isEmpty()) {
            return;
        }
        var batch =
                handle.prepareBatch(
                        """
                        insert into codespec_tags (tag_key, tag_value, name)
                        values (:key, :value, :name)\
                        """);
        tags.forEach((key, value) ->
                batch.bind("key", key).bind("value", value).bind("name", name).add());
        batch.execute();
    }
}
