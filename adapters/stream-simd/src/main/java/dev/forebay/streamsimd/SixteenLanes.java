package dev.forebay.streamsimd;

import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.forebay.blob.Md5Lanes;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The compression function of MD5 (RFC 1321) on sixteen bodies at once: lane {@code i} of each
 * vector belongs to body {@code i}.
 *
 * <p><b>Layout.</b> A row is a vector in memory. The state has four rows, A, B, C and D; the words
 * of a block have sixteen, word by word. The bodies lie the other way, body by body, so their
 * blocks are transposed first, in two passes over a matrix of 16 x 16 words.
 *
 * <p><b>How it is written.</b> The compiler C2 keeps vectors in registers only while it inlines
 * every call, and its work grows with the calls in a method. So each round of sixteen steps is a
 * loop, and tables and the order of the words take the place of the numbers in the RFC. That is
 * compiled in a fraction of the time that 64 written-out steps take, and runs as fast: each step
 * waits for the one before it.
 */
final class SixteenLanes {
    static final int LANES = 16;

    /** Words of a block, and rows of them. */
    private static final int WORDS = 16;

    /**
     * Blocks that are copied from each body at a time: 8 KiB, so that the processor's prefetcher
     * reads ahead, and 128 KiB from sixteen bodies, which the second-level cache holds.
     */
    private static final int COPIED = 128;

    private static final int STRIDE = COPIED * WORDS;

    private static final VectorSpecies<Integer> ROW = IntVector.SPECIES_512;

    /** The numbers that the steps add, the table T of the RFC. */
    private static final int[] SINES = sines();

    /** By how many bits they rotate, four numbers for each round. */
    private static final int[] ROTATIONS = {
        7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21
    };

    /** Picks the first halves of two rows, word by word in turn. */
    private static final IntVector FIRST_HALVES = interleaving(0);

    /** The same of the second halves. */
    private static final IntVector SECOND_HALVES = interleaving(LANES / 2);

    private SixteenLanes() {}

    private static int[] sines() {
        int[] sines = new int[64];
        for (int i = 0; i < sines.length; i++) {
            sines[i] = (int) (long) (StrictMath.abs(StrictMath.sin(i + 1)) * (1L << 32));
        }
        return sines;
    }

    /** Whether this machine has vectors of sixteen words. */
    static boolean fit() {
        return IntVector.SPECIES_PREFERRED.length() == LANES;
    }

    private static IntVector interleaving(int from) {
        int[] picked = new int[LANES];
        for (int i = 0; i < LANES; i++) {
            picked[i] = from + i / 2 + i % 2 * LANES;
        }
        return IntVector.fromArray(ROW, picked, 0);
    }

    /** Advances each body by its next {@code blocks} blocks. */
    static void advance(int[][] states, Md5Lanes.Source[] bodies, int lanes, int blocks) {
        int[] state = new int[4 * LANES];
        for (int lane = 0; lane < lanes; lane++) {
            for (int word = 0; word < 4; word++) {
                state[word * LANES + lane] = states[lane][word];
            }
        }
        int[] copied = new int[LANES * STRIDE];
        int[] half = new int[WORDS * LANES];
        int[] words = new int[WORDS * LANES];
        for (int done = 0; done < blocks; done += COPIED) {
            int count = Math.min(COPIED, blocks - done);
            for (int lane = 0; lane < lanes; lane++) {
                bodies[lane].take(count, copied, lane * STRIDE);
            }
            for (int block = 0; block < count; block++) {
                transpose(copied, block * WORDS, half, words);
                compress(state, words);
            }
        }
        for (int lane = 0; lane < lanes; lane++) {
            for (int word = 0; word < 4; word++) {
                states[lane][word] = state[word * LANES + lane];
            }
        }
    }

    /** Makes of one block of each body, from {@code at}, the rows of words. */
    private static void transpose(int[] copied, int at, int[] half, int[] words) {
        for (int i = 0; i < 4; i++) {
            interleave(copied, at, STRIDE, half, i);
        }
        for (int i = 0; i < 4; i++) {
            interleave(half, 0, LANES, words, i);
        }
    }

    /** Two of the four rounds of a perfect shuffle, for every fourth row from {@code i}. */
    private static void interleave(int[] from, int at, int stride, int[] to, int i) {
        IntVector p = IntVector.fromArray(ROW, from, at + i * stride);
        IntVector q = IntVector.fromArray(ROW, from, at + (i + 4) * stride);
        IntVector r = IntVector.fromArray(ROW, from, at + (i + 8) * stride);
        IntVector s = IntVector.fromArray(ROW, from, at + (i + 12) * stride);
        IntVector prFirst = FIRST_HALVES.selectFrom(p, r);
        IntVector prSecond = SECOND_HALVES.selectFrom(p, r);
        IntVector qsFirst = FIRST_HALVES.selectFrom(q, s);
        IntVector qsSecond = SECOND_HALVES.selectFrom(q, s);
        FIRST_HALVES.selectFrom(prFirst, qsFirst).intoArray(to, 4 * i * LANES);
        SECOND_HALVES.selectFrom(prFirst, qsFirst).intoArray(to, (4 * i + 1) * LANES);
        FIRST_HALVES.selectFrom(prSecond, qsSecond).intoArray(to, (4 * i + 2) * LANES);
        SECOND_HALVES.selectFrom(prSecond, qsSecond).intoArray(to, (4 * i + 3) * LANES);
    }

    /** The four rounds; after each step, the four vectors change their places. */
    private static void compress(int[] state, int[] words) {
        IntVector a = IntVector.fromArray(ROW, state, 0);
        IntVector b = IntVector.fromArray(ROW, state, LANES);
        IntVector c = IntVector.fromArray(ROW, state, 2 * LANES);
        IntVector d = IntVector.fromArray(ROW, state, 3 * LANES);
        for (int i = 0; i < WORDS; i++) {
            IntVector sum = a.add(IntVector.fromArray(ROW, words, i * LANES)).add(SINES[i]);
            sum =
                    sum.add(c.lanewise(XOR, d).and(b).lanewise(XOR, d))
                            .lanewise(ROL, ROTATIONS[i & 3])
                            .add(b);
            a = d;
            d = c;
            c = b;
            b = sum;
        }
        for (int i = 0; i < WORDS; i++) {
            IntVector sum =
                    a.add(IntVector.fromArray(ROW, words, ((5 * i + 1) & 15) * LANES))
                            .add(SINES[16 + i]);
            sum =
                    sum.add(b.lanewise(XOR, c).and(d).lanewise(XOR, c))
                            .lanewise(ROL, ROTATIONS[4 + (i & 3)])
                            .add(b);
            a = d;
            d = c;
            c = b;
            b = sum;
        }
        for (int i = 0; i < WORDS; i++) {
            IntVector sum =
                    a.add(IntVector.fromArray(ROW, words, ((3 * i + 5) & 15) * LANES))
                            .add(SINES[32 + i]);
            sum =
                    sum.add(b.lanewise(XOR, c).lanewise(XOR, d))
                            .lanewise(ROL, ROTATIONS[8 + (i & 3)])
                            .add(b);
            a = d;
            d = c;
            c = b;
            b = sum;
        }
        for (int i = 0; i < WORDS; i++) {
            IntVector sum =
                    a.add(IntVector.fromArray(ROW, words, (7 * i & 15) * LANES)).add(SINES[48 + i]);
            sum =
                    sum.add(b.or(d.not()).lanewise(XOR, c))
                            .lanewise(ROL, ROTATIONS[12 + (i & 3)])
                            .add(b);
            a = d;
            d = c;
            c = b;
            b = sum;
        }
        a.add(IntVector.fromArray(ROW, state, 0)).intoArray(state, 0);
        b.add(IntVector.fromArray(ROW, state, LANES)).intoArray(state, LANES);
        c.add(IntVector.fromArray(ROW, state, 2 * LANES)).intoArray(state, 2 * LANES);
        d.add(IntVector.fromArray(ROW, state, 3 * LANES)).intoArray(state, 3 * LANES);
    }
}
