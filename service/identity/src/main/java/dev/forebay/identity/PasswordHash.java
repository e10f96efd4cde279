package dev.forebay.identity;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password as it is kept: PBKDF2 with HMAC-SHA-256, a salt of its own, and the number of rounds.
 *
 * <p><b>Guarantee.</b> {@link #matches} takes the same time whatever the password is and wherever
 * the hashes differ. <b>Limit.</b> Its time depends on {@link #rounds}. Immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
record PasswordHash(int rounds, byte[] salt, byte[] hash) {
    static final int SALT_BYTES = 16;
    static final int HASH_BYTES = 32;

    /** The longest password, in characters. */
    static final int LONGEST = 1024;

    private static final SecureRandom RANDOM = new SecureRandom();

    /** The hash of {@code password} with a new salt. */
    static PasswordHash of(String password, int rounds) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        return new PasswordHash(rounds, salt, derive(password, rounds, salt));
    }

    /** A hash that no known password has, as slow to compare as any other. */
    static PasswordHash decoy(int rounds) {
        byte[] salt = new byte[SALT_BYTES];
        byte[] hash = new byte[HASH_BYTES];
        RANDOM.nextBytes(salt);
        RANDOM.nextBytes(hash);
        return new PasswordHash(rounds, salt, hash);
    }

    boolean matches(String password) {
        boolean usable = !password.isEmpty() && password.length() <= LONGEST;
        byte[] found = derive(usable ? password : "-", rounds, salt);
        return MessageDigest.isEqual(found, hash) && usable;
    }

    private static byte[] derive(String password, int rounds, byte[] salt) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, rounds, HASH_BYTES * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has PBKDF2", e);
        } finally {
            spec.clearPassword();
        }
    }

    @Override
    public String toString() {
        return "PasswordHash[rounds=" + rounds + "]";
    }
}
