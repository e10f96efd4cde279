package dev.forebay.blob;

import java.nio.ByteBuffer;

/**
 * Computes the MD5s of several bodies at once, one in each lane of a vector. An implementation is
 * found by {@link java.util.ServiceLoader}; without one, digests come from the JDK, one at a time.
 *
 * <p>An MD5 is a chain: each block of 64 bytes needs the result of the one before. So one body
 * cannot be digested faster by more arithmetic units, but several bodies can share them.
 *
 * <p>Safe for use by many threads. Only {@link #prepare} blocks.
 */
public interface Md5Lanes {
    /**
     * Makes them ready; blocks until the compiler is done, which may take seconds.
     *
     * @return false if this machine or this process has no fast vectors; then they are not used
     */
    boolean prepare();

    /** {@return the number of lanes} */
    int count();

    /**
     * With fewer bodies than this, one after the other is faster.
     *
     * @return that number of bodies
     */
    int worthwhile();

    /**
     * Advances the MD5s of {@code lanes} bodies by {@code blocks} blocks of 64 bytes each.
     *
     * @param states for each lane the four words A, B, C and D, which are replaced
     * @param pieces for each lane at least 64 times {@code blocks} remaining bytes; the positions
     *     are advanced by as many
     * @param lanes 1 to {@link #count}
     * @param blocks how many, 1 or more
     */
    void advance(int[][] states, ByteBuffer[] pieces, int lanes, int blocks);
}
