package dev.forebay.bench.streams;

import java.lang.foreign.Arena;

/**
 * What memory costs at this moment: the processor time for a GiB of new memory that is written to,
 * in CPU seconds. A file write needs memory for the kernel's cache. A virtual machine's host may
 * have taken back what was free, and providing it anew costs several times as much as using it.
 */
final class GivenMemory {
    private static final long SIZE = 1L << 30;

    private GivenMemory() {}

    /** Takes a GiB of memory, writes to all of it and gives it back. */
    static double cpuSecondsPerGib() {
        double begin = Bound.cpu();
        try (Arena arena = Arena.ofConfined()) {
            arena.allocate(SIZE).fill((byte) 1);
            return Bound.cpu() - begin;
        }
    }
}
