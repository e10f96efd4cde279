package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A buffer as the catalogue knows it.
 *
 * @param id 26 characters, the name of its container
 * @param createdAt to the microsecond
 * @param expiresAt to the microsecond; empty: never
 * @param tags names in their order, which are compared with case
 */
public record Buffer(
        String id,
        Instant createdAt,
        Optional<Instant> expiresAt,
        boolean softDeleted,
        Map<String, String> tags) {
    public Buffer {
        tags = Map.copyOf(tags);
    }

    /**
     * Changes exactly when the tags, the expiry or the deletion of the buffer change: the first 8
     * bytes of a SHA-256 over them, as an unsigned decimal number.
     */
    public String eTag() {
        StringBuilder text = new StringBuilder(id).append('\n').append(softDeleted).append('\n');
        text.append(expiresAt.map(Instant::toString).orElse("-"));
        new TreeMap<>(tags)
                .forEach((key, value) -> text.append('\n').append(key).append('=').append(value));
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(UTF_8));
            return Long.toUnsignedString(ByteBuffer.wrap(digest).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
