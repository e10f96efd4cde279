package dev.forebay.wire.control;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The job of a run.
 *
 * @param codespec what is executed
 * @param buffers IDs by the names of parameters; {@code _} for one that is not stored
 * @param tags of the buffers that are created for parameters without an ID
 * @param bufferTtl how long these live
 * @param nodePool of the cluster, where there are any
 * @param replicas absent: 1
 */
public record JobBody(
        @Nullable CodespecReference codespec,
        @Nullable Map<String, String> buffers,
        @Nullable Map<String, String> tags,
        @Nullable Duration bufferTtl,
        @Nullable String nodePool,
        @Nullable Integer replicas) {
    /** Copies the maps; empty ones count as absent. */
    public JobBody {
        buffers = Absent.ifEmpty(buffers);
        tags = Absent.ifEmpty(tags);
        nodePool = Absent.ifEmpty(nodePool);
    }
}
