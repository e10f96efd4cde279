package dev.forebay.blob;

import java.util.function.IntFunction;

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
     * @param sample makes a body of so many blocks, {@link #LARGEST_SAMPLE} at most, of the kind
     *     that will be digested: what the compiler has seen, it does not compile anew
     * @return false if this machine or this process has no fast vectors; then they are not used
     */
    boolean prepare(IntFunction<Source> sample);

    /** {@return the number of lanes} */
    int count();

    /**
     * With fewer bodies than this, one after the other is faster.
     *
     * @return that number of bodies
     */
    int worthwhile();

    /** The most blocks that a sample has. */
    int LARGEST_SAMPLE = 256;

    /** The bytes of one body, from front to back. */
    @FunctionalInterface
    interface Source {
        /**
         * Puts the words of its next {@code blocks} blocks into {@code words} from {@code at}.
         *
         * @param blocks how many, 1 or more, of 64 bytes
         * @param words takes the words
         * @param at the place of the first one in {@code words}
         */
        void take(int blocks, int[] words, int at);
    }

    /**
     * Advances the MD5s of {@code lanes} bodies by {@code blocks} blocks of 64 bytes each.
     *
     * @param states for each lane the four words A, B, C and D, which are replaced
     * @param bodies for each lane what has at least {@code blocks} blocks left
     * @param lanes 1 to {@link #count}
     * @param blocks how many, 1 or more
     */
    void advance(int[][] states, Source[] bodies, int lanes, int blocks);
}
