package dev.forebay.wire.control;

import dev.forebay.wire.Quantity;
import org.jspecify.annotations.Nullable;

/**
 * What a codespec needs to execute.
 *
 * @param requests what is set aside for it
 * @param limits what it may not exceed
 * @param gpu how many
 * @param shm the size of {@code /dev/shm}
 */
public record ResourcesBody(
        @Nullable Share requests,
        @Nullable Share limits,
        @Nullable Quantity gpu,
        @Nullable Quantity shm) {
    /**
     * An amount of each resource that programs share.
     *
     * @param cpu processors
     * @param memory bytes
     */
    public record Share(@Nullable Quantity cpu, @Nullable Quantity memory) {
        boolean hasNone() {
            return cpu == null && memory == null;
        }
    }

    /** An empty share counts as absent. */
    public ResourcesBody {
        requests = requests == null || requests.hasNone() ? null : requests;
        limits = limits == null || limits.hasNone() ? null : limits;
    }

    boolean isEmpty() {
        return requests == null && limits == null && gpu == null && shm == null;
    }
}
