package dev.forebay.stream;

import dev.forebay.blob.ContainerException.Fault;
import java.util.Map;

/**
 * How often tries were repeated, by class of failure.
 *
 * @param byFault tries that ended in a fault of the container
 * @param wrongDigest bodies whose MD5 was not the announced one, on either way
 */
public record Retries(Map<Fault, Long> byFault, long wrongDigest) {
    /** Checks that no number is negative. */
    public Retries {
        byFault = Map.copyOf(byFault);
    }

    /**
     * All of them.
     *
     * @return their sum
     */
    public long total() {
        return wrongDigest + byFault.values().stream().mapToLong(Long::longValue).sum();
    }
}
