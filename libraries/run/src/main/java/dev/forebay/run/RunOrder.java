package dev.forebay.run;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One run, as an executor is asked for it. It is data alone, so that it can be stored and asked for
 * again after a restart.
 *
 * @param run its number
 * @param program the program
 * @param buffers the ID of a buffer for every parameter
 * @param timeout from the start of the program to its forced end
 * @param replicas how many programs of the job run side by side
 * @param worker programs that the job reaches over a network
 */
public record RunOrder(
        long run,
        Program program,
        Map<String, String> buffers,
        Duration timeout,
        int replicas,
        Optional<Workers> worker) {

    /**
     * The workers of a distributed run.
     *
     * @param program that each of them executes
     * @param replicas how many, 1 or more
     */
    public record Workers(Program program, int replicas) {}

    /** Copies the maps, and checks that each parameter has its buffer. */
    public RunOrder {
        buffers = Map.copyOf(buffers);
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout must be positive: " + timeout);
        }
        if (replicas < 1) {
            throw new IllegalArgumentException("replicas must be at least 1: " + replicas);
        }
        for (Parameter parameter : program.parameters()) {
            if (!buffers.containsKey(parameter.name())) {
                throw new IllegalArgumentException(
                        "parameter %s of run %d has no buffer".formatted(parameter.name(), run));
            }
        }
    }

    /**
     * One program without workers.
     *
     * @param run its number
     * @param program the program
     * @param buffers the ID of a buffer for every parameter
     * @param timeout from the start of the program on
     * @return that order
     */
    public static RunOrder of(
            long run, Program program, Map<String, String> buffers, Duration timeout) {
        return new RunOrder(run, program, buffers, timeout, 1, Optional.empty());
    }
}
