package dev.forebay.streamsimd;

import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
 * every call, and stops inlining after a number of nodes that one method of 64 steps exceeds, and
 * so do steps in methods of their own. Hence four methods of sixteen steps, without calls but those
 * of the API, which C2 always inlines, and with constant rotations; the state goes from one to the
 * next through memory.
 */
final class SixteenLanes {
    static final int LANES = 16;

    /** Words of a block, and rows of them. */
    private static final int WORDS = 16;

    private static final int BLOCK_BYTES = 4 * WORDS;

    /** Blocks of each body that are copied at a time: 16 KiB in all, which stay in the cache. */
    private static final int COPIED = 16;

    private static final int STRIDE = COPIED * WORDS;

    private static final VectorSpecies<Integer> ROW = IntVector.SPECIES_512;

    /** Picks the first halves of two rows, word by word in turn. */
    private static final IntVector FIRST_HALVES = interleaving(0);

    /** The same of the second halves. */
    private static final IntVector SECOND_HALVES = interleaving(LANES / 2);

    private SixteenLanes() {}

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
    static void advance(int[][] states, ByteBuffer[] pieces, int lanes, int blocks) {
        int[] state = new int[4 * LANES];
        for (int lane = 0; lane < lanes; lane++) {
            for (int word = 0; word < 4; word++) {
                state[word * LANES + lane] = states[lane][word];
            }
        }
        int[] copied = new int[LANES * STRIDE];
        int[] half = new int[WORDS * LANES];
        int[] words = new int[WORDS * LANES];
        int[] before = new int[4 * LANES];
        for (int done = 0; done < blocks; done += COPIED) {
            int count = Math.min(COPIED, blocks - done);
            copy(pieces, lanes, count, copied);
            for (int block = 0; block < count; block++) {
                transpose(copied, block * WORDS, half, words);
                compress(state, before, words);
            }
        }
        for (int lane = 0; lane < lanes; lane++) {
            for (int word = 0; word < 4; word++) {
                states[lane][word] = state[word * LANES + lane];
            }
        }
    }

    private static void copy(ByteBuffer[] pieces, int lanes, int blocks, int[] copied) {
        for (int lane = 0; lane < lanes; lane++) {
            ByteBuffer piece = pieces[lane];
            piece.slice()
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asIntBuffer()
                    .get(copied, lane * STRIDE, blocks * WORDS);
            piece.position(piece.position() + blocks * BLOCK_BYTES);
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

    private static void compress(int[] state, int[] before, int[] words) {
        System.arraycopy(state, 0, before, 0, state.length);
        roundOne(state, words);
        roundTwo(state, words);
        roundThree(state, words);
        roundFour(state, words);
        for (int i = 0; i < state.length; i++) {
            state[i] += before[i];
        }
    }

    private static void roundOne(int[] state, int[] words) {
        IntVector a = IntVector.fromArray(ROW, state, 0);
        IntVector b = IntVector.fromArray(ROW, state, LANES);
        IntVector c = IntVector.fromArray(ROW, state, 2 * LANES);
        IntVector d = IntVector.fromArray(ROW, state, 3 * LANES);
        a = a.add(IntVector.fromArray(ROW, words, 0)).add(0xd76aa478);
        a = a.add(c.lanewise(XOR, d).and(b).lanewise(XOR, d)).lanewise(ROL, 7).add(b);
        d = d.add(IntVector.fromArray(ROW, words, LANES)).add(0xe8c7b756);
        d = d.add(b.lanewise(XOR, c).and(a).lanewise(XOR, c)).lanewise(ROL, 12).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 2 * LANES)).add(0x242070db);
        c = c.add(a.lanewise(XOR, b).and(d).lanewise(XOR, b)).lanewise(ROL, 17).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 3 * LANES)).add(0xc1bdceee);
        b = b.add(d.lanewise(XOR, a).and(c).lanewise(XOR, a)).lanewise(ROL, 22).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 4 * LANES)).add(0xf57c0faf);
        a = a.add(c.lanewise(XOR, d).and(b).lanewise(XOR, d)).lanewise(ROL, 7).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 5 * LANES)).add(0x4787c62a);
        d = d.add(b.lanewise(XOR, c).and(a).lanewise(XOR, c)).lanewise(ROL, 12).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 6 * LANES)).add(0xa8304613);
        c = c.add(a.lanewise(XOR, b).and(d).lanewise(XOR, b)).lanewise(ROL, 17).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 7 * LANES)).add(0xfd469501);
        b = b.add(d.lanewise(XOR, a).and(c).lanewise(XOR, a)).lanewise(ROL, 22).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 8 * LANES)).add(0x698098d8);
        a = a.add(c.lanewise(XOR, d).and(b).lanewise(XOR, d)).lanewise(ROL, 7).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 9 * LANES)).add(0x8b44f7af);
        d = d.add(b.lanewise(XOR, c).and(a).lanewise(XOR, c)).lanewise(ROL, 12).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 10 * LANES)).add(0xffff5bb1);
        c = c.add(a.lanewise(XOR, b).and(d).lanewise(XOR, b)).lanewise(ROL, 17).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 11 * LANES)).add(0x895cd7be);
        b = b.add(d.lanewise(XOR, a).and(c).lanewise(XOR, a)).lanewise(ROL, 22).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 12 * LANES)).add(0x6b901122);
        a = a.add(c.lanewise(XOR, d).and(b).lanewise(XOR, d)).lanewise(ROL, 7).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 13 * LANES)).add(0xfd987193);
        d = d.add(b.lanewise(XOR, c).and(a).lanewise(XOR, c)).lanewise(ROL, 12).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 14 * LANES)).add(0xa679438e);
        c = c.add(a.lanewise(XOR, b).and(d).lanewise(XOR, b)).lanewise(ROL, 17).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 15 * LANES)).add(0x49b40821);
        b = b.add(d.lanewise(XOR, a).and(c).lanewise(XOR, a)).lanewise(ROL, 22).add(c);
        a.intoArray(state, 0);
        b.intoArray(state, LANES);
        c.intoArray(state, 2 * LANES);
        d.intoArray(state, 3 * LANES);
    }

    private static void roundTwo(int[] state, int[] words) {
        IntVector a = IntVector.fromArray(ROW, state, 0);
        IntVector b = IntVector.fromArray(ROW, state, LANES);
        IntVector c = IntVector.fromArray(ROW, state, 2 * LANES);
        IntVector d = IntVector.fromArray(ROW, state, 3 * LANES);
        a = a.add(IntVector.fromArray(ROW, words, LANES)).add(0xf61e2562);
        a = a.add(b.lanewise(XOR, c).and(d).lanewise(XOR, c)).lanewise(ROL, 5).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 6 * LANES)).add(0xc040b340);
        d = d.add(a.lanewise(XOR, b).and(c).lanewise(XOR, b)).lanewise(ROL, 9).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 11 * LANES)).add(0x265e5a51);
        c = c.add(d.lanewise(XOR, a).and(b).lanewise(XOR, a)).lanewise(ROL, 14).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 0)).add(0xe9b6c7aa);
        b = b.add(c.lanewise(XOR, d).and(a).lanewise(XOR, d)).lanewise(ROL, 20).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 5 * LANES)).add(0xd62f105d);
        a = a.add(b.lanewise(XOR, c).and(d).lanewise(XOR, c)).lanewise(ROL, 5).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 10 * LANES)).add(0x02441453);
        d = d.add(a.lanewise(XOR, b).and(c).lanewise(XOR, b)).lanewise(ROL, 9).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 15 * LANES)).add(0xd8a1e681);
        c = c.add(d.lanewise(XOR, a).and(b).lanewise(XOR, a)).lanewise(ROL, 14).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 4 * LANES)).add(0xe7d3fbc8);
        b = b.add(c.lanewise(XOR, d).and(a).lanewise(XOR, d)).lanewise(ROL, 20).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 9 * LANES)).add(0x21e1cde6);
        a = a.add(b.lanewise(XOR, c).and(d).lanewise(XOR, c)).lanewise(ROL, 5).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 14 * LANES)).add(0xc33707d6);
        d = d.add(a.lanewise(XOR, b).and(c).lanewise(XOR, b)).lanewise(ROL, 9).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 3 * LANES)).add(0xf4d50d87);
        c = c.add(d.lanewise(XOR, a).and(b).lanewise(XOR, a)).lanewise(ROL, 14).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 8 * LANES)).add(0x455a14ed);
        b = b.add(c.lanewise(XOR, d).and(a).lanewise(XOR, d)).lanewise(ROL, 20).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 13 * LANES)).add(0xa9e3e905);
        a = a.add(b.lanewise(XOR, c).and(d).lanewise(XOR, c)).lanewise(ROL, 5).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 2 * LANES)).add(0xfcefa3f8);
        d = d.add(a.lanewise(XOR, b).and(c).lanewise(XOR, b)).lanewise(ROL, 9).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 7 * LANES)).add(0x676f02d9);
        c = c.add(d.lanewise(XOR, a).and(b).lanewise(XOR, a)).lanewise(ROL, 14).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 12 * LANES)).add(0x8d2a4c8a);
        b = b.add(c.lanewise(XOR, d).and(a).lanewise(XOR, d)).lanewise(ROL, 20).add(c);
        a.intoArray(state, 0);
        b.intoArray(state, LANES);
        c.intoArray(state, 2 * LANES);
        d.intoArray(state, 3 * LANES);
    }

    private static void roundThree(int[] state, int[] words) {
        IntVector a = IntVector.fromArray(ROW, state, 0);
        IntVector b = IntVector.fromArray(ROW, state, LANES);
        IntVector c = IntVector.fromArray(ROW, state, 2 * LANES);
        IntVector d = IntVector.fromArray(ROW, state, 3 * LANES);
        a = a.add(IntVector.fromArray(ROW, words, 5 * LANES)).add(0xfffa3942);
        a = a.add(b.lanewise(XOR, c).lanewise(XOR, d)).lanewise(ROL, 4).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 8 * LANES)).add(0x8771f681);
        d = d.add(a.lanewise(XOR, b).lanewise(XOR, c)).lanewise(ROL, 11).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 11 * LANES)).add(0x6d9d6122);
        c = c.add(d.lanewise(XOR, a).lanewise(XOR, b)).lanewise(ROL, 16).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 14 * LANES)).add(0xfde5380c);
        b = b.add(c.lanewise(XOR, d).lanewise(XOR, a)).lanewise(ROL, 23).add(c);
        a = a.add(IntVector.fromArray(ROW, words, LANES)).add(0xa4beea44);
        a = a.add(b.lanewise(XOR, c).lanewise(XOR, d)).lanewise(ROL, 4).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 4 * LANES)).add(0x4bdecfa9);
        d = d.add(a.lanewise(XOR, b).lanewise(XOR, c)).lanewise(ROL, 11).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 7 * LANES)).add(0xf6bb4b60);
        c = c.add(d.lanewise(XOR, a).lanewise(XOR, b)).lanewise(ROL, 16).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 10 * LANES)).add(0xbebfbc70);
        b = b.add(c.lanewise(XOR, d).lanewise(XOR, a)).lanewise(ROL, 23).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 13 * LANES)).add(0x289b7ec6);
        a = a.add(b.lanewise(XOR, c).lanewise(XOR, d)).lanewise(ROL, 4).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 0)).add(0xeaa127fa);
        d = d.add(a.lanewise(XOR, b).lanewise(XOR, c)).lanewise(ROL, 11).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 3 * LANES)).add(0xd4ef3085);
        c = c.add(d.lanewise(XOR, a).lanewise(XOR, b)).lanewise(ROL, 16).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 6 * LANES)).add(0x04881d05);
        b = b.add(c.lanewise(XOR, d).lanewise(XOR, a)).lanewise(ROL, 23).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 9 * LANES)).add(0xd9d4d039);
        a = a.add(b.lanewise(XOR, c).lanewise(XOR, d)).lanewise(ROL, 4).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 12 * LANES)).add(0xe6db99e5);
        d = d.add(a.lanewise(XOR, b).lanewise(XOR, c)).lanewise(ROL, 11).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 15 * LANES)).add(0x1fa27cf8);
        c = c.add(d.lanewise(XOR, a).lanewise(XOR, b)).lanewise(ROL, 16).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 2 * LANES)).add(0xc4ac5665);
        b = b.add(c.lanewise(XOR, d).lanewise(XOR, a)).lanewise(ROL, 23).add(c);
        a.intoArray(state, 0);
        b.intoArray(state, LANES);
        c.intoArray(state, 2 * LANES);
        d.intoArray(state, 3 * LANES);
    }

    private static void roundFour(int[] state, int[] words) {
        IntVector a = IntVector.fromArray(ROW, state, 0);
        IntVector b = IntVector.fromArray(ROW, state, LANES);
        IntVector c = IntVector.fromArray(ROW, state, 2 * LANES);
        IntVector d = IntVector.fromArray(ROW, state, 3 * LANES);
        a = a.add(IntVector.fromArray(ROW, words, 0)).add(0xf4292244);
        a = a.add(b.or(d.not()).lanewise(XOR, c)).lanewise(ROL, 6).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 7 * LANES)).add(0x432aff97);
        d = d.add(a.or(c.not()).lanewise(XOR, b)).lanewise(ROL, 10).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 14 * LANES)).add(0xab9423a7);
        c = c.add(d.or(b.not()).lanewise(XOR, a)).lanewise(ROL, 15).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 5 * LANES)).add(0xfc93a039);
        b = b.add(c.or(a.not()).lanewise(XOR, d)).lanewise(ROL, 21).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 12 * LANES)).add(0x655b59c3);
        a = a.add(b.or(d.not()).lanewise(XOR, c)).lanewise(ROL, 6).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 3 * LANES)).add(0x8f0ccc92);
        d = d.add(a.or(c.not()).lanewise(XOR, b)).lanewise(ROL, 10).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 10 * LANES)).add(0xffeff47d);
        c = c.add(d.or(b.not()).lanewise(XOR, a)).lanewise(ROL, 15).add(d);
        b = b.add(IntVector.fromArray(ROW, words, LANES)).add(0x85845dd1);
        b = b.add(c.or(a.not()).lanewise(XOR, d)).lanewise(ROL, 21).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 8 * LANES)).add(0x6fa87e4f);
        a = a.add(b.or(d.not()).lanewise(XOR, c)).lanewise(ROL, 6).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 15 * LANES)).add(0xfe2ce6e0);
        d = d.add(a.or(c.not()).lanewise(XOR, b)).lanewise(ROL, 10).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 6 * LANES)).add(0xa3014314);
        c = c.add(d.or(b.not()).lanewise(XOR, a)).lanewise(ROL, 15).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 13 * LANES)).add(0x4e0811a1);
        b = b.add(c.or(a.not()).lanewise(XOR, d)).lanewise(ROL, 21).add(c);
        a = a.add(IntVector.fromArray(ROW, words, 4 * LANES)).add(0xf7537e82);
        a = a.add(b.or(d.not()).lanewise(XOR, c)).lanewise(ROL, 6).add(b);
        d = d.add(IntVector.fromArray(ROW, words, 11 * LANES)).add(0xbd3af235);
        d = d.add(a.or(c.not()).lanewise(XOR, b)).lanewise(ROL, 10).add(a);
        c = c.add(IntVector.fromArray(ROW, words, 2 * LANES)).add(0x2ad7d2bb);
        c = c.add(d.or(b.not()).lanewise(XOR, a)).lanewise(ROL, 15).add(d);
        b = b.add(IntVector.fromArray(ROW, words, 9 * LANES)).add(0xeb86d391);
        b = b.add(c.or(a.not()).lanewise(XOR, d)).lanewise(ROL, 21).add(c);
        a.intoArray(state, 0);
        b.intoArray(state, LANES);
        c.intoArray(state, 2 * LANES);
        d.intoArray(state, 3 * LANES);
    }
}
