package dev.forebay.blob;

import static java.lang.Integer.rotateLeft;

/**
 * The compression function of MD5 (RFC 1321) on a state that can be kept, which the JDK's digest
 * does not give out: a body that was digested among others goes on alone with it.
 *
 * <p>Each line is one of the 64 steps: it mixes a word of the block and a constant, the sine of the
 * step's number, into one word of the state. The words take turns, so no step moves any.
 */
final class Md5Block {
    /** Bytes of a block. */
    static final int BYTES = 64;

    /** Words of a block. */
    static final int WORDS = 16;

    private Md5Block() {}

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

        a = rotateLeft(a + ((c ^ d) & b ^ d) + words[at] + 0xd76aa478, 7) + b;
        d = rotateLeft(d + ((b ^ c) & a ^ c) + words[at + 1] + 0xe8c7b756, 12) + a;
        c = rotateLeft(c + ((a ^ b) & d ^ b) + words[at + 2] + 0x242070db, 17) + d;
        b = rotateLeft(b + ((d ^ a) & c ^ a) + words[at + 3] + 0xc1bdceee, 22) + c;
        a = rotateLeft(a + ((c ^ d) & b ^ d) + words[at + 4] + 0xf57c0faf, 7) + b;
        d = rotateLeft(d + ((b ^ c) & a ^ c) + words[at + 5] + 0x4787c62a, 12) + a;
        c = rotateLeft(c + ((a ^ b) & d ^ b) + words[at + 6] + 0xa8304613, 17) + d;
        b = rotateLeft(b + ((d ^ a) & c ^ a) + words[at + 7] + 0xfd469501, 22) + c;
        a = rotateLeft(a + ((c ^ d) & b ^ d) + words[at + 8] + 0x698098d8, 7) + b;
        d = rotateLeft(d + ((b ^ c) & a ^ c) + words[at + 9] + 0x8b44f7af, 12) + a;
        c = rotateLeft(c + ((a ^ b) & d ^ b) + words[at + 10] + 0xffff5bb1, 17) + d;
        b = rotateLeft(b + ((d ^ a) & c ^ a) + words[at + 11] + 0x895cd7be, 22) + c;
        a = rotateLeft(a + ((c ^ d) & b ^ d) + words[at + 12] + 0x6b901122, 7) + b;
        d = rotateLeft(d + ((b ^ c) & a ^ c) + words[at + 13] + 0xfd987193, 12) + a;
        c = rotateLeft(c + ((a ^ b) & d ^ b) + words[at + 14] + 0xa679438e, 17) + d;
        b = rotateLeft(b + ((d ^ a) & c ^ a) + words[at + 15] + 0x49b40821, 22) + c;

        a = rotateLeft(a + ((b ^ c) & d ^ c) + words[at + 1] + 0xf61e2562, 5) + b;
        d = rotateLeft(d + ((a ^ b) & c ^ b) + words[at + 6] + 0xc040b340, 9) + a;
        c = rotateLeft(c + ((d ^ a) & b ^ a) + words[at + 11] + 0x265e5a51, 14) + d;
        b = rotateLeft(b + ((c ^ d) & a ^ d) + words[at] + 0xe9b6c7aa, 20) + c;
        a = rotateLeft(a + ((b ^ c) & d ^ c) + words[at + 5] + 0xd62f105d, 5) + b;
        d = rotateLeft(d + ((a ^ b) & c ^ b) + words[at + 10] + 0x02441453, 9) + a;
        c = rotateLeft(c + ((d ^ a) & b ^ a) + words[at + 15] + 0xd8a1e681, 14) + d;
        b = rotateLeft(b + ((c ^ d) & a ^ d) + words[at + 4] + 0xe7d3fbc8, 20) + c;
        a = rotateLeft(a + ((b ^ c) & d ^ c) + words[at + 9] + 0x21e1cde6, 5) + b;
        d = rotateLeft(d + ((a ^ b) & c ^ b) + words[at + 14] + 0xc33707d6, 9) + a;
        c = rotateLeft(c + ((d ^ a) & b ^ a) + words[at + 3] + 0xf4d50d87, 14) + d;
        b = rotateLeft(b + ((c ^ d) & a ^ d) + words[at + 8] + 0x455a14ed, 20) + c;
        a = rotateLeft(a + ((b ^ c) & d ^ c) + words[at + 13] + 0xa9e3e905, 5) + b;
        d = rotateLeft(d + ((a ^ b) & c ^ b) + words[at + 2] + 0xfcefa3f8, 9) + a;
        c = rotateLeft(c + ((d ^ a) & b ^ a) + words[at + 7] + 0x676f02d9, 14) + d;
        b = rotateLeft(b + ((c ^ d) & a ^ d) + words[at + 12] + 0x8d2a4c8a, 20) + c;

        a = rotateLeft(a + (b ^ c ^ d) + words[at + 5] + 0xfffa3942, 4) + b;
        d = rotateLeft(d + (a ^ b ^ c) + words[at + 8] + 0x8771f681, 11) + a;
        c = rotateLeft(c + (d ^ a ^ b) + words[at + 11] + 0x6d9d6122, 16) + d;
        b = rotateLeft(b + (c ^ d ^ a) + words[at + 14] + 0xfde5380c, 23) + c;
        a = rotateLeft(a + (b ^ c ^ d) + words[at + 1] + 0xa4beea44, 4) + b;
        d = rotateLeft(d + (a ^ b ^ c) + words[at + 4] + 0x4bdecfa9, 11) + a;
        c = rotateLeft(c + (d ^ a ^ b) + words[at + 7] + 0xf6bb4b60, 16) + d;
        b = rotateLeft(b + (c ^ d ^ a) + words[at + 10] + 0xbebfbc70, 23) + c;
        a = rotateLeft(a + (b ^ c ^ d) + words[at + 13] + 0x289b7ec6, 4) + b;
        d = rotateLeft(d + (a ^ b ^ c) + words[at] + 0xeaa127fa, 11) + a;
        c = rotateLeft(c + (d ^ a ^ b) + words[at + 3] + 0xd4ef3085, 16) + d;
        b = rotateLeft(b + (c ^ d ^ a) + words[at + 6] + 0x04881d05, 23) + c;
        a = rotateLeft(a + (b ^ c ^ d) + words[at + 9] + 0xd9d4d039, 4) + b;
        d = rotateLeft(d + (a ^ b ^ c) + words[at + 12] + 0xe6db99e5, 11) + a;
        c = rotateLeft(c + (d ^ a ^ b) + words[at + 15] + 0x1fa27cf8, 16) + d;
        b = rotateLeft(b + (c ^ d ^ a) + words[at + 2] + 0xc4ac5665, 23) + c;

        a = rotateLeft(a + (c ^ (b | ~d)) + words[at] + 0xf4292244, 6) + b;
        d = rotateLeft(d + (b ^ (a | ~c)) + words[at + 7] + 0x432aff97, 10) + a;
        c = rotateLeft(c + (a ^ (d | ~b)) + words[at + 14] + 0xab9423a7, 15) + d;
        b = rotateLeft(b + (d ^ (c | ~a)) + words[at + 5] + 0xfc93a039, 21) + c;
        a = rotateLeft(a + (c ^ (b | ~d)) + words[at + 12] + 0x655b59c3, 6) + b;
        d = rotateLeft(d + (b ^ (a | ~c)) + words[at + 3] + 0x8f0ccc92, 10) + a;
        c = rotateLeft(c + (a ^ (d | ~b)) + words[at + 10] + 0xffeff47d, 15) + d;
        b = rotateLeft(b + (d ^ (c | ~a)) + words[at + 1] + 0x85845dd1, 21) + c;
        a = rotateLeft(a + (c ^ (b | ~d)) + words[at + 8] + 0x6fa87e4f, 6) + b;
        d = rotateLeft(d + (b ^ (a | ~c)) + words[at + 15] + 0xfe2ce6e0, 10) + a;
        c = rotateLeft(c + (a ^ (d | ~b)) + words[at + 6] + 0xa3014314, 15) + d;
        b = rotateLeft(b + (d ^ (c | ~a)) + words[at + 13] + 0x4e0811a1, 21) + c;
        a = rotateLeft(a + (c ^ (b | ~d)) + words[at + 4] + 0xf7537e82, 6) + b;
        d = rotateLeft(d + (b ^ (a | ~c)) + words[at + 11] + 0xbd3af235, 10) + a;
        c = rotateLeft(c + (a ^ (d | ~b)) + words[at + 2] + 0x2ad7d2bb, 15) + d;
        b = rotateLeft(b + (d ^ (c | ~a)) + words[at + 9] + 0xeb86d391, 21) + c;

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    }
}
