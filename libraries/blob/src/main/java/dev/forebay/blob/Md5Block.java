package dev.forebay.blob;

import static java.lang.Integer.rotateLeft;

/**
 * The compression function of MD5 (RFC 1321) on a state that can be kept, which the JDK's digest
 * does not give out: a body that was digested among others goes on alone with it.
 *
 * <p>Each line is one of the 64 steps: it mixes a word of the block and a constant, the sine of the
 * step's number, into one word of the state. The words take turns, so no step moves any. Each step
 * waits for the one before, so what it adds first is what is known earliest. The constants come
 * from a table: as numbers in the text, the compiler would add them last, and take half as long
 * again.
 */
final class Md5Block {
    /** Bytes of a block. */
    static final int BYTES = 64;

    /** Words of a block. */
    static final int WORDS = 16;

    /** The numbers that the steps add, the table T of the RFC. */
    private static final int[] SINES = sines();

    private Md5Block() {}

    private static int[] sines() {
        int[] sines = new int[64];
        for (int i = 0; i < sines.length; i++) {
            sines[i] = (int) (long) (StrictMath.abs(StrictMath.sin(i + 1)) * (1L << 32));
        }
        return sines;
    }

    /** The state of a body without bytes. */
    static int[] initial() {
        return new int[] {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    }

    /** Advances {@code state} by the block whose words begin at {@code at}. */
    static void compress(int[] state, int[] words, int at) {
        int a = state[0];
        int b = state[1];
        int c = state[2];
        int d = state[3];

        a = rotateLeft(a + words[at] + SINES[0] + ((c ^ d) & b ^ d), 7) + b;
        d = rotateLeft(d + words[at + 1] + SINES[1] + ((b ^ c) & a ^ c), 12) + a;
        c = rotateLeft(c + words[at + 2] + SINES[2] + ((a ^ b) & d ^ b), 17) + d;
        b = rotateLeft(b + words[at + 3] + SINES[3] + ((d ^ a) & c ^ a), 22) + c;
        a = rotateLeft(a + words[at + 4] + SINES[4] + ((c ^ d) & b ^ d), 7) + b;
        d = rotateLeft(d + words[at + 5] + SINES[5] + ((b ^ c) & a ^ c), 12) + a;
        c = rotateLeft(c + words[at + 6] + SINES[6] + ((a ^ b) & d ^ b), 17) + d;
        b = rotateLeft(b + words[at + 7] + SINES[7] + ((d ^ a) & c ^ a), 22) + c;
        a = rotateLeft(a + words[at + 8] + SINES[8] + ((c ^ d) & b ^ d), 7) + b;
        d = rotateLeft(d + words[at + 9] + SINES[9] + ((b ^ c) & a ^ c), 12) + a;
        c = rotateLeft(c + words[at + 10] + SINES[10] + ((a ^ b) & d ^ b), 17) + d;
        b = rotateLeft(b + words[at + 11] + SINES[11] + ((d ^ a) & c ^ a), 22) + c;
        a = rotateLeft(a + words[at + 12] + SINES[12] + ((c ^ d) & b ^ d), 7) + b;
        d = rotateLeft(d + words[at + 13] + SINES[13] + ((b ^ c) & a ^ c), 12) + a;
        c = rotateLeft(c + words[at + 14] + SINES[14] + ((a ^ b) & d ^ b), 17) + d;
        b = rotateLeft(b + words[at + 15] + SINES[15] + ((d ^ a) & c ^ a), 22) + c;

        a = rotateLeft(a + words[at + 1] + SINES[16] + (c & ~d) + (b & d), 5) + b;
        d = rotateLeft(d + words[at + 6] + SINES[17] + (b & ~c) + (a & c), 9) + a;
        c = rotateLeft(c + words[at + 11] + SINES[18] + (a & ~b) + (d & b), 14) + d;
        b = rotateLeft(b + words[at] + SINES[19] + (d & ~a) + (c & a), 20) + c;
        a = rotateLeft(a + words[at + 5] + SINES[20] + (c & ~d) + (b & d), 5) + b;
        d = rotateLeft(d + words[at + 10] + SINES[21] + (b & ~c) + (a & c), 9) + a;
        c = rotateLeft(c + words[at + 15] + SINES[22] + (a & ~b) + (d & b), 14) + d;
        b = rotateLeft(b + words[at + 4] + SINES[23] + (d & ~a) + (c & a), 20) + c;
        a = rotateLeft(a + words[at + 9] + SINES[24] + (c & ~d) + (b & d), 5) + b;
        d = rotateLeft(d + words[at + 14] + SINES[25] + (b & ~c) + (a & c), 9) + a;
        c = rotateLeft(c + words[at + 3] + SINES[26] + (a & ~b) + (d & b), 14) + d;
        b = rotateLeft(b + words[at + 8] + SINES[27] + (d & ~a) + (c & a), 20) + c;
        a = rotateLeft(a + words[at + 13] + SINES[28] + (c & ~d) + (b & d), 5) + b;
        d = rotateLeft(d + words[at + 2] + SINES[29] + (b & ~c) + (a & c), 9) + a;
        c = rotateLeft(c + words[at + 7] + SINES[30] + (a & ~b) + (d & b), 14) + d;
        b = rotateLeft(b + words[at + 12] + SINES[31] + (d & ~a) + (c & a), 20) + c;

        a = rotateLeft(a + words[at + 5] + SINES[32] + (c ^ d ^ b), 4) + b;
        d = rotateLeft(d + words[at + 8] + SINES[33] + (b ^ c ^ a), 11) + a;
        c = rotateLeft(c + words[at + 11] + SINES[34] + (a ^ b ^ d), 16) + d;
        b = rotateLeft(b + words[at + 14] + SINES[35] + (d ^ a ^ c), 23) + c;
        a = rotateLeft(a + words[at + 1] + SINES[36] + (c ^ d ^ b), 4) + b;
        d = rotateLeft(d + words[at + 4] + SINES[37] + (b ^ c ^ a), 11) + a;
        c = rotateLeft(c + words[at + 7] + SINES[38] + (a ^ b ^ d), 16) + d;
        b = rotateLeft(b + words[at + 10] + SINES[39] + (d ^ a ^ c), 23) + c;
        a = rotateLeft(a + words[at + 13] + SINES[40] + (c ^ d ^ b), 4) + b;
        d = rotateLeft(d + words[at] + SINES[41] + (b ^ c ^ a), 11) + a;
        c = rotateLeft(c + words[at + 3] + SINES[42] + (a ^ b ^ d), 16) + d;
        b = rotateLeft(b + words[at + 6] + SINES[43] + (d ^ a ^ c), 23) + c;
        a = rotateLeft(a + words[at + 9] + SINES[44] + (c ^ d ^ b), 4) + b;
        d = rotateLeft(d + words[at + 12] + SINES[45] + (b ^ c ^ a), 11) + a;
        c = rotateLeft(c + words[at + 15] + SINES[46] + (a ^ b ^ d), 16) + d;
        b = rotateLeft(b + words[at + 2] + SINES[47] + (d ^ a ^ c), 23) + c;

        a = rotateLeft(a + words[at] + SINES[48] + (c ^ (b | ~d)), 6) + b;
        d = rotateLeft(d + words[at + 7] + SINES[49] + (b ^ (a | ~c)), 10) + a;
        c = rotateLeft(c + words[at + 14] + SINES[50] + (a ^ (d | ~b)), 15) + d;
        b = rotateLeft(b + words[at + 5] + SINES[51] + (d ^ (c | ~a)), 21) + c;
        a = rotateLeft(a + words[at + 12] + SINES[52] + (c ^ (b | ~d)), 6) + b;
        d = rotateLeft(d + words[at + 3] + SINES[53] + (b ^ (a | ~c)), 10) + a;
        c = rotateLeft(c + words[at + 10] + SINES[54] + (a ^ (d | ~b)), 15) + d;
        b = rotateLeft(b + words[at + 1] + SINES[55] + (d ^ (c | ~a)), 21) + c;
        a = rotateLeft(a + words[at + 8] + SINES[56] + (c ^ (b | ~d)), 6) + b;
        d = rotateLeft(d + words[at + 15] + SINES[57] + (b ^ (a | ~c)), 10) + a;
        c = rotateLeft(c + words[at + 6] + SINES[58] + (a ^ (d | ~b)), 15) + d;
        b = rotateLeft(b + words[at + 13] + SINES[59] + (d ^ (c | ~a)), 21) + c;
        a = rotateLeft(a + words[at + 4] + SINES[60] + (c ^ (b | ~d)), 6) + b;
        d = rotateLeft(d + words[at + 11] + SINES[61] + (b ^ (a | ~c)), 10) + a;
        c = rotateLeft(c + words[at + 2] + SINES[62] + (a ^ (d | ~b)), 15) + d;
        b = rotateLeft(b + words[at + 9] + SINES[63] + (d ^ (c | ~a)), 21) + c;

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
