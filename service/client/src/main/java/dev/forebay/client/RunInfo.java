package dev.forebay.client;

import dev.forebay.wire.TimeSpan;
import dev.forebay.wire.WireFormatException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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

    /** How long an access URL of one of its buffers is to live. */
    public Duration bufferAccessTtl() {
        return TimeSpan.parse(text("bufferAccessTtl"));
    }

    /** Its version, which {@link RemoteRuns#setTags} compares. */
    public String eTag() {
        return text("eTag");
    }

    /** Why it has its status, if that needs words. */
    public Optional<String> statusReason() {
        return Optional.ofNullable(json.get("statusReason")).map(String::valueOf);
    }

    /** IDs of its buffers by the names of parameters. */
    public Map<String, String> buffers() {
        Map<String, String> buffers = new LinkedHashMap<>();
        if (json.get("job") instanceof Map<?, ?> job
                && job.get("buffers") instanceof Map<?, ?> map) {
            map.forEach((name, id) -> buffers.put(String.valueOf(name), String.valueOf(id)));
        }
        return buffers;
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
