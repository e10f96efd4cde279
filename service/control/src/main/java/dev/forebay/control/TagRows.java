package dev.forebay.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Writes the rows of a table of tags, one for each tag of a thing. A row repeats the state and the
 * age of its owner, so these change together. Safe for use by many threads.
 */
record TagRows(String table) {
    void insert(
            Handle handle,
            String owner,
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
                                .formatted(table));
        tags.forEach((key, value) ->
                batch.bind("key", key)
                        .bind("value", value)
                        .bind("state", softDeleted ? 1 : 0)
                        .bind("created", Micros.of(createdAt))
                        .bind("owner", owner)
                        .add());
        batch.execute();
    }

    void delete(Handle handle, String owner) {
        handle.createUpdate("delete from %s where owner_id = :id".formatted(table))
                .bind("id", owner)
                .execute();
    }

    void setState(Handle handle, List<String> owners, boolean softDeleted) {
        handle.createUpdate(
                        """
                        update %s set soft_deleted = :state
                        where owner_id in (<ids>) and soft_deleted <> :state\
                        """
                                .formatted(table))
                .bindList("ids", owners)
                .bind("state", softDeleted ? 1 : 0)
                .execute();
    }
}
