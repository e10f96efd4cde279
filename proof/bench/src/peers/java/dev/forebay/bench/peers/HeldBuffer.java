package dev.forebay.bench.peers;

/** A buffer in memory that releases a list when it is full or its first record is 200 ms old. */
interface HeldBuffer extends AgedBuffer {
    /** A size that no list reaches before its age. */
    int ENDLESS = 100_000;

    /**
     * Adds {@code records} records one by one; lists of {@code size} come out on the same thread.
     * Each contender has a loop of its own, so that the JIT compiles each for itself.
     *
     * @return how many records were released
     */
    long fill(int size, long records) throws Exception;
}
