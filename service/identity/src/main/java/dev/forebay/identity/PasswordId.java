package dev.forebay.identity;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Names one password of one user; no two passwords ever set have the same. */
record PasswordId(long high, long low) {
    static final int BYTES = 16;

    private static final SecureRandom RANDOM = new SecureRandom();

    static PasswordId next() {
        return new PasswordId(RANDOM.nextLong(), RANDOM.nextLong());
    }

    static PasswordId get(ByteBuffer source) {
        return new PasswordId(source.getLong(), source.getLong());
    }

    void put(ByteBuffer target) {
        target.putLong(high).putLong(low);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is not that
     */
    static PasswordId parse(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a password id of " + bytes.length + " bytes");
        }
        return get(ByteBuffer.wrap(bytes));
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }
}
