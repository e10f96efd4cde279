package dev.forebay.wire.control;

import org.jspecify.annotations.Nullable;

/**
 * The workers beside the job of a run.
 *
 * @param replicas absent: 1
 */
public record WorkerBody(
        @Nullable CodespecReference codespec,
        @Nullable String nodePool,
        @Nullable Integer replicas) {
    public WorkerBody {
        nodePool = Absent.ifEmpty(nodePool);
    }
}
