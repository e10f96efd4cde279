package dev.forebay.blob;

import dev.forebay.base.DigestSource;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;

/**
 * The MD5 of a blob's body as the canonical, padded base64 text of its 16 bytes: the form in which
 * it travels in {@code Content-MD5} and enters the hash chain. It guards against accidents, not
 * against forgers.
 *
 * @param base64 24 characters
 */
public record Md5(String base64) {
    /** Of no bytes at all. */
    public static final Md5 OF_NOTHING = new Md5("1B2M2Y8AsgTpgAmY7PhCfg==");

    private static final int LENGTH = 16;

    private static final DigestSource DIGESTS = new DigestSource("MD5");

    /** Checks that it is the canonical text of 16 bytes. */
    public Md5 {
        if (!isCanonical(base64)) {
            throw new IllegalArgumentException(
                    "not an MD5: '"
                            + base64
                            + "'; expected the padded base64 of "
                            + LENGTH
                            + " bytes");
        }
    }

    private static boolean isCanonical(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return bytes.length == LENGTH && Base64.getEncoder().encodeToString(bytes).equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Of the remaining bytes of {@code body}, whose position stays.
     *
     * @param body the bytes
     * @return their digest
     */
    public static Md5 of(ByteBuffer body) {
        MessageDigest digest = newDigest();
        digest.update(body.duplicate());
        return finish(digest);
    }

    /**
     * Of the remaining bytes of {@code pieces}, one after the other; their positions stay.
     *
     * @param pieces the bytes
     * @return their digest
     */
    public static Md5 of(List<ByteBuffer> pieces) {
        MessageDigest digest = newDigest();
        for (ByteBuffer piece : pieces) {
            digest.update(piece.duplicate());
        }
        return finish(digest);
    }

    /** {@return a digest to be fed and then given to {@link #finish}} */
    public static MessageDigest newDigest() {
        return DIGESTS.begin();
    }

    /**
     * What a digest has come to, which begins anew.
     *
     * @param digest one of MD5
     * @return its value
     */
    public static Md5 finish(MessageDigest digest) {
        return new Md5(Base64.getEncoder().encodeToString(digest.digest()));
    }

    @Override
    public String toString() {
        return base64;
    }
}
