package dev.forebay.control;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * A row that a bulk change has locked, as it was found then.
 *
 * @param place its place in the listing
 * @param end when it ends, in microseconds; the largest number if never
 */
record BulkRow(Cursor place, boolean softDeleted, long end) {
    /** How many rows are locked and changed at once; memory for a bulk change depends on it. */
    private static final int CHUNK = 500;

    /** The first rows of a selection, newest first; no other transaction changes them meanwhile. */
    static List<BulkRow> lock(Handle handle, Selection selection, String table, String rowLock) {
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
                    return new BulkRow(place, deleted, found.wasNull() ? Long.MAX_VALUE : end);
                })
                .list();
    }

    /** True if it is still in that state and has not ended; it may have changed before the lock. */
    boolean isDue(boolean state, Instant now) {
        return softDeleted == state && end >= Micros.of(now);
    }
}
