package dev.forebay.identity;

import dev.forebay.base.DamagedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs tokens and checks them: a version, the id of a password and a time, with HMAC-SHA-256.
 *
 * <p>Tokens are signed, not stored. Nothing is written at a login, any number of them takes no
 * room, and they survive a restart as long as the key does; they end with the password that they
 * name. The price is the <b>limit</b>: one token alone cannot be withdrawn, only all of a user, by
 * a new password, or all, by removing the key.
 *
 * <p><b>Guarantee.</b> {@link #check} accepts only what {@link #sign} made with this key. Safe for
 * use by many threads.
 */
final class TokenKey {
    static final String FILE = "token.key";

    private static final String MAC = "HmacSHA256";
    private static final byte VERSION = 1;
    private static final int KEY_BYTES = 32;
    private static final int MAC_BYTES = 32;
    private static final int SIGNED_BYTES = 1 + PasswordId.BYTES + Long.BYTES;

    /** What a token says. */
    record Claim(PasswordId password, Instant expires) {}

    private final SecretKeySpec key;

    private TokenKey(byte[] key) {
        this.key = new SecretKeySpec(key, MAC);
    }

    /** With the key of {@code directory}, which is made if it is missing. */
    static TokenKey open(KeyDirectory directory) throws IOException {
        Optional<byte[]> found = directory.read(FILE);
        if (found.isEmpty()) {
            byte[] made = new byte[KEY_BYTES];
            new SecureRandom().nextBytes(made);
            directory.write(FILE, made);
            return new TokenKey(made);
        }
        if (found.get().length != KEY_BYTES) {
            throw new DamagedException(
                    "%s has %d bytes, expected %d; restore it, or move it away to have a new one, which voids all tokens"
                            .formatted(directory.at(FILE), found.get().length, KEY_BYTES));
        }
        return new TokenKey(found.get());
    }

    /** The token for a claim, of letters that need no quoting anywhere; to whole seconds. */
    String sign(Claim claim) {
        ByteBuffer token = ByteBuffer.allocate(SIGNED_BYTES + MAC_BYTES).put(VERSION);
        claim.password.put(token);
        token.putLong(claim.expires.getEpochSecond());
        token.put(mac(token.array()));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
    }

    /** What a token of this key says, or empty for anything else. */
    Optional<Claim> check(String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // What is not base64 is not a token.
        }
        if (bytes.length != SIGNED_BYTES + MAC_BYTES) {
            return Optional.empty();
        }
        byte[] claimed = Arrays.copyOfRange(bytes, SIGNED_BYTES, bytes.length);
        if (!MessageDigest.isEqual(claimed, mac(bytes))) {
            return Optional.empty();
        }
        ByteBuffer said = ByteBuffer.wrap(bytes);
        if (said.get() != VERSION) {
            return Optional.empty();
        }
        return Optional.of(new Claim(PasswordId.get(said), Instant.ofEpochSecond(said.getLong())));
    }

    /** Of the bytes that are signed. */
    private byte[] mac(byte[] token) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update(token, 0, SIGNED_BYTES);
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has HMAC-SHA-256", e);
        }
    }
}
