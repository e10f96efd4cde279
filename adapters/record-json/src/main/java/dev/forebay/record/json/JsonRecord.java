package dev.forebay.record.json;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A record as a JSON object: an id, the moment of its creation to the microsecond, and any other
 * members in their order.
 *
 * @param id unique
 * @param createAt when it was made
 * @param members what else it has: strings, numbers, booleans, null, lists and maps
 */
public record JsonRecord(String id, Instant createAt, Map<String, @Nullable Object> members) {
    /** Copies the members. */
    public JsonRecord {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /**
     * A record without further members.
     *
     * @param id not empty
     * @param createAt when it was made
     */
    public JsonRecord(String id, Instant createAt) {
        this(id, createAt, Map.of());
    }

    /**
     * A record with a random id (UUID version 4).
     *
     * @param createAt when it was made
     * @param members further ones by their names
     * @return that record
     */
    public static JsonRecord at(Instant createAt, Map<String, @Nullable Object> members) {
        return new JsonRecord(UUID.randomUUID().toString(), createAt, members);
    }
}
