package dev.forebay.wire;

import java.util.random.RandomGenerator;

/** The one rule of what a buffer ID is: 128 random bits as 26 characters of lower-case base32. */
public final class BufferId {
    private static final String BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    private static final int BYTES = 16;
    private static final int LENGTH = 26;

    private BufferId() {}

    /**
     * Returns a new ID; {@code random} must be unpredictable where an ID must not be guessed.
     *
     * @param random is asked for 128 bits
     * @return 26 characters
     */
    public static String random(RandomGenerator random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        StringBuilder id = new StringBuilder(LENGTH);
        int bits = 0;
        int held = 0;
        for (byte b : bytes) {
            bits = bits << 8 | b & 0xFF;
            for (held += 8; held >= 5; held -= 5) {
                id.append(BASE32.charAt(bits >> held - 5 & 31));
            }
        }
        return id.append(BASE32.charAt(bits << 5 - held & 31)).toString();
    }

    /**
     * True if {@code text} has the form of an ID that {@link #random} makes.
     *
     * @param text any
     * @return true if it has
     */
    public static boolean isValid(String text) {
        return text.length() == LENGTH && text.chars().allMatch(c -> BASE32.indexOf(c) >= 0);
    }
}
