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
    /**
     * Its number.
     *
     * @return the ID, from 1
     */
    public long id() {
        if (json.get("id") instanceof Number number) {
            return number.longValue();
        }
        throw missing("id");
    }

    /**
     * Its status, such as {@code Running}.
     *
     * <p>Such as {@code Running}.
     *
     * @return one word
     */
    public String status() {
        return text("status");
    }

    /**
     * Its tags.
     *
     * @return values by their keys
     */
    public Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        if (json.get("tags") instanceof Map<?, ?> map) {
            map.forEach((key, value) -> tags.put(String.valueOf(key), String.valueOf(value)));
        }
        return tags;
    }

    /** {@return how long an access URL of one of its buffers is to live} */
    public Duration bufferAccessTtl() {
        return TimeSpan.parse(text("bufferAccessTtl"));
    }

    /** {@return its version, which {@link RemoteRuns#setTags} compares} */
    public String eTag() {
        return text("eTag");
    }

    /** {@return why it has its status, if that needs words} */
    public Optional<String> statusReason() {
        return Optional.ofNullable(json.get("statusReason")).map(String::valueOf);
    }

    /** {@return IDs of its buffers by the names of parameters} */
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
