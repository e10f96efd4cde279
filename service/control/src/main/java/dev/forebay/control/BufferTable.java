package dev.forebay.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The SQL of buffers. */
final class BufferTable extends TaggedTable<Buffer> {
    BufferTable(String rowLock) {
        super("buffers", "buffer_tags", rowLock);
    }

    @Override
    Buffer thing(
            String id,
            Instant createdAt,
            Optional<Instant> expiresAt,
            boolean softDeleted,
            Map<String, String> tags) {
        return new Buffer(id, createdAt, expiresAt, softDeleted, tags);
    }

    void insert(Handle handle, Buffer buffer) {
        insert(handle, buffer.id(), buffer.createdAt(), buffer.expiresAt(), buffer.tags());
    }

    /** Stores what differs: state and expiry, and the tags. */
    void update(Handle handle, Buffer old, Buffer changed) {
        String id = changed.id();
        if (old.softDeleted() != changed.softDeleted()
                || !old.expiresAt().equals(changed.expiresAt())) {
            setState(handle, List.of(id), changed.softDeleted(), changed.expiresAt().orElse(null));
        }
        if (!old.tags().equals(changed.tags())) {
            setTags(handle, id, changed.createdAt(), changed.softDeleted(), changed.tags());
        }
    }
}
