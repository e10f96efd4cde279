package dev.forebay.base;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * New digests of one algorithm that every Java has, as copies of one that stays unused.
 *
 * <p><b>Why.</b> {@link MessageDigest#getInstance} looks through the providers and calls a
 * constructor by reflection, which the JDK compiles into a class of its own at about the 128th
 * call: a process that digests ten blocks a second then stops for some milliseconds.
 *
 * <p>Safe for use by many threads; never blocks.
 */
public final class DigestSource {
    private final String algorithm;
    private final MessageDigest unused;

    /**
     * Of an algorithm.
     *
     * @param algorithm such as {@code MD5} or {@code SHA-256}
     */
    public DigestSource(String algorithm) {
        this.algorithm = algorithm;
        this.unused = instance();
    }

    private MessageDigest instance() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has " + algorithm, e);
        }
    }

    /** {@return a digest of no bytes, for one thread} */
    public MessageDigest begin() {
        try {
            return (MessageDigest) unused.clone();
        } catch (CloneNotSupportedException e) {
            return instance(); // Of another provider than the JDK's.
        }
    }
}
