package dev.forebay.client;

import dev.forebay.wire.Times;
import dev.forebay.wire.WireFormatException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the server said of one buffer.
 *
 * @param json all of it, with fields that this client does not know
 */
public record BufferInfo(Map<String, Object> json) {
    /** {@return its ID} */
    public String id() {
        return text("id").orElseThrow(() -> missing("id"));
    }

    /** {@return when it was created, by the server's clock} */
    public Instant createdAt() {
        return time("createdAt").orElseThrow(() -> missing("createdAt"));
    }

    /** {@return when it is deleted by itself; empty: never} */
    public Optional<Instant> expiresAt() {
        return time("expiresAt");
    }

    /**
     * True if it is deleted and can still be restored.
     *
     * @return whether it is
     */
    public boolean isSoftDeleted() {
        return Boolean.TRUE.equals(json.get("isSoftDeleted"));
    }

    /** {@return its tags} */
    public Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        if (json.get("tags") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> tags.put(String.valueOf(key), String.valueOf(value)));
        }
        return tags;
    }

    /** {@return its version, which {@link RemoteBuffer#change} compares} */
    public String eTag() {
        return text("eTag").orElseThrow(() -> missing("eTag"));
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(json.get(name)).map(String::valueOf);
    }

    private Optional<Instant> time(String name) {
        return text(name).map(Times::parse);
    }

    private WireFormatException missing(String name) {
        @Nullable Object id = json.get("id");
        return new WireFormatException(
                "the server sent a buffer without '%s': %s; is it a Forebay server?"
                        .formatted(name, id == null ? json : id),
                null);
    }
}
