package dev.forebay.wire.control;

import org.jspecify.annotations.Nullable;

/**
 * The workers beside the job of a run.
 *
 * @param codespec what is executed
 * @param nodePool of the cluster, where there are any
 * @param replicas absent: 1
 */
public record WorkerBody(
        @Nullable CodespecReference codespec,
        @Nullable String nodePool,
        @Nullable Integer replicas) {
    /** An empty name counts as absent. */
    public WorkerBody {
        nodePool = Absent.ifEmpty(nodePool);
    }
}
