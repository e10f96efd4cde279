package dev.forebay.client;

import dev.forebay.wire.WireFormatException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the server said of one run.
 *
 * @param json all of it, with fields that this client does not know
 */
public record RunInfo(Map<String, Object> json) {
    public long id() {
        if (json.get("id") instanceof Number number) {
            return number.longValue();
        }
        throw missing("id");
    }

    /** Such as {@code Running}. */
    public String status() {
        return text("status");
    }

    public Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        if (json.get("tags") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> tags.put(String.valueOf(key), String.valueOf(value)));
        }
        return tags;
    }

    /** Its version, which {@link RemoteRuns#setTags} compares. */
    public String eTag() {
        return text("eTag");
    }

    private String text(String name) {
        @Nullable Object value = json.get(name);
        if (value == null) {
            throw missing(name);
        }
        return String.valueOf(value);
    }

    private WireFormatException missing(String name) {
        return new WireFormatException(
                "the server sent a run without '%s': %s; is it a Forebay server?"
                        .formatted(name, json),
                null);
    }
}
