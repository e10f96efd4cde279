package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.control.ControlException.Kind;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Versions of things that have tags, an expiry and a state of deletion. */
final class ETag {
    private ETag() {}

    /**
     * Changes exactly when one of the arguments changes: the first 8 bytes of a SHA-256 over them,
     * as an unsigned decimal number. Clients keep these values, so the text under the digest stays
     * as it is.
     */
    static String of(
            String id, boolean softDeleted, Optional<Instant> expiresAt, Map<String, String> tags) {
        StringBuilder text = new StringBuilder(id).append('\n').append(softDeleted).append('\n');
        text.append(expiresAt.map(Instant::toString).orElse("-"));
        new TreeMap<>(tags)
                .forEach((key, value) -> text.append('\n').append(key).append('=').append(value));
        return ofText(text.toString());
    }

    /** Changes exactly when the text changes. */
    static String ofText(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
            return Long.toUnsignedString(ByteBuffer.wrap(digest).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /**
     * Refuses a change of another version than the presumed one.
     *
     * @param presumed empty or {@code *}: any version
     */
    static void check(Optional<String> presumed, String found) {
        if (presumed.filter(tag -> !tag.equals("*") && !tag.equals(found)).isPresent()) {
            throw new ControlException(Kind.PRECONDITION, "ETag does not match");
        }
    }
}
