package dev.forebay.wire.control;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run; source: section 2.11 of the reference's protocol. What the server decides is ignored on
 * input: ID, version, state and times.
 *
 * @param id of the run, from 1
 * @param kind {@code system}, or absent
 * @param eTag its version, for {@code If-Match}
 * @param status such as {@code Running}
 * @param statusReason why it is so, if there is more to say
 * @param runningCount how many programs of it run now
 * @param createdAt when it was created
 * @param startedAt when its program began
 * @param timeoutSeconds absent: 12 h
 * @param bufferAccessTtl absent: 1 h
 * @param finishedAt when it ended
 * @param job what is executed
 * @param worker programs beside the job
 * @param cluster where it executes, if there are several
 * @param tags by their keys
 */
public record RunBody(
        long id,
        @Nullable String kind,
        @JsonProperty("eTag") @Nullable String eTag,
        @Nullable String status,
        @Nullable String statusReason,
        @Nullable Integer runningCount,
        @Nullable Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant finishedAt,
        @Nullable JobBody job,
        @Nullable WorkerBody worker,
        @Nullable Integer timeoutSeconds,
        @Nullable String cluster,
        @Nullable Map<String, String> tags,
        @Nullable Duration bufferAccessTtl) {
    /** Copies the tags; none count as absent. */
    public RunBody {
        kind = Absent.ifEmpty(kind);
        cluster = Absent.ifEmpty(cluster);
        tags = Absent.ifEmpty(tags);
    }
}
