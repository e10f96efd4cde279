package dev.forebay.bench.streams;

import dev.forebay.base.ByteSize;
import java.lang.foreign.Arena;

/**
 * What memory costs at this moment: the processor time for a GiB of new memory that is written to,
 * in CPU seconds. A file write needs memory for the kernel's cache. A virtual machine's host may
 * have taken back what was free, and providing it anew costs several times as much as using it.
 */
final class GivenMemory {
    private GivenMemory() {}

    /**
     * Allocates memory, at most a GiB and at most {@code most}, writes to all of it and frees it.
     */
    static double cpuSecondsPerGib(ByteSize most) {
        long bytes = Math.min(most.bytes(), 1L << 30);
        double begin = Bound.cpu();
        try (Arena arena = Arena.ofConfined()) {
            arena.allocate(bytes).fill((byte) 1);
            return (Bound.cpu() - begin) * (1 << 30) / bytes;
        }
    }
}
