package dev.forebay.stream;

import dev.forebay.base.DamagedException;
import dev.forebay.base.DigestSource;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.Md5;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * The chain that ties every blob to all before it: {@code c(i) = base64(SHA-256(c(i-1) text, m(i)
 * text))}, where {@code m(i)} is the base64 text of the blob's MD5 and {@code c(-1)} is {@link
 * #START}. The final empty blob is part of it. It finds swapped, dropped and repeated blobs; it
 * guards against accidents, not against forgers.
 *
 * <p>Source: the reference's data plane, format 0.3.0.
 */
public final class HashChain {
    /** The value before the first blob: base64 of sixteen {@code 0} characters. */
    public static final String START = "MDAwMDAwMDAwMDAwMDAwMA==";

    /** The key under which a data blob's metadata carries its value. */
    public static final String METADATA_KEY = "cumulative_hash_chain";

    private static final DigestSource DIGESTS = new DigestSource("SHA-256");

    private HashChain() {}

    /**
     * The value of a blob with digest {@code md5} that follows a blob of value {@code before}.
     *
     * @param before of the blob before it, or {@link #START}
     * @param md5 of the blob's body
     * @return its value, 44 characters of base64
     */
    public static String next(String before, Md5 md5) {
        byte[] text = (before + md5.base64()).getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(DIGESTS.begin().digest(text));
    }

    /**
     * The value that a blob carries.
     *
     * @throws DamagedException if it carries none
     */
    static String of(BlobInfo info) {
        String stored = info.metadata().get(METADATA_KEY);
        if (stored == null) {
            throw new DamagedException("blob %s carries no hash chain".formatted(info.name()));
        }
        return stored;
    }

    /**
     * The value of a blob that follows one of value {@code before}.
     *
     * @throws DamagedException if the blob carries another
     */
    static String after(String before, BlobInfo info) {
        String expected = next(before, info.md5());
        String stored = of(info);
        if (!stored.equals(expected)) {
            throw new DamagedException(
                    "hash chain mismatch: blob %s carries %s, expected %s; nothing of it was released"
                            .formatted(info.name(), stored, expected));
        }
        return expected;
    }
}
