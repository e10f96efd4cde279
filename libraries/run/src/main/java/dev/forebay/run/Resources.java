package dev.forebay.run;

import java.util.OptionalLong;

/**
 * What a program asks for and what it is held to. An executor may refuse what it cannot give and
 * ignore what it cannot enforce; {@link Capabilities} say which.
 *
 * @param requestedMemory in bytes
 * @param requestedMillicores thousandths of a processor
 * @param memoryLimit in bytes
 * @param millicoreLimit thousandths of a processor
 * @param gpus number of graphics processors
 * @param sharedMemory size of {@code /dev/shm} in bytes
 */
public record Resources(
        OptionalLong requestedMemory,
        OptionalLong requestedMillicores,
        OptionalLong memoryLimit,
        OptionalLong millicoreLimit,
        OptionalLong gpus,
        OptionalLong sharedMemory) {
    /** Nothing asked for, nothing limited. */
    public static final Resources UNSPECIFIED =
            new Resources(
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    OptionalLong.empty());

    /**
     * The same with another limit of memory.
     *
     * @param bytes 1 or more
     * @return other resources
     */
    public Resources withMemoryLimit(long bytes) {
        return new Resources(
                requestedMemory,
                requestedMillicores,
                OptionalLong.of(bytes),
                millicoreLimit,
                gpus,
                sharedMemory);
    }
}
