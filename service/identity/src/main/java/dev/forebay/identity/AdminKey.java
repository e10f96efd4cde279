package dev.forebay.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a command proves itself with to the server that has its data directory: a key of mode 0600
 * in that directory, and beside it where the server listens. Being on the same machine proves
 * nothing.
 *
 * <p><b>Guarantee.</b> Messages are sealed with AES-256-GCM: without the key none can be read or
 * made, nor be passed off in another context. So a program that took the server's port learns
 * nothing. <b>Limit.</b> A message can be sent twice; the receiver has to notice by its {@link
 * #nonce}. Safe for use by many threads.
 */
public final class AdminKey {
    static final String FILE = "admin.key";
    private static final String ADDRESS = "server.url";
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyDirectory directory;
    private final SecretKeySpec key;

    private AdminKey(KeyDirectory directory, byte[] key) {
        this.directory = directory;
        this.key = new SecretKeySpec(key, "AES");
    }

    /** For a server: makes the key if it is missing. The caller owns the directory alone. */
    public static AdminKey open(Disk disk, Path keys) throws IOException {
        KeyDirectory directory = KeyDirectory.open(disk, keys);
        if (directory.read(FILE).isEmpty()) {
            byte[] made = new byte[KEY_BYTES];
            RANDOM.nextBytes(made);
            directory.write(FILE, made);
        }
        return existing(directory);
    }

    /** For a command: the key of the server that has the directory. */
    public static AdminKey existing(Disk disk, Path keys) throws IOException {
        return existing(KeyDirectory.existing(disk, keys));
    }

    private static AdminKey existing(KeyDirectory directory) throws IOException {
        byte[] found = required(directory, FILE);
        if (found.length != KEY_BYTES) {
            throw new DamagedException(
                    "%s has %d bytes, expected %d; remove it and restart the server to have a new one"
                            .formatted(directory.at(FILE), found.length, KEY_BYTES));
        }
        return new AdminKey(directory, found);
    }

    private static byte[] required(KeyDirectory directory, String file) throws IOException {
        Optional<byte[]> found = directory.read(file);
        return found.orElseThrow(() ->
                new IOException(
                        "the server that has the directory has not written %s yet; try again once it listens"
                                .formatted(directory.at(file))));
    }

    /** Writes down where the server listens, for commands. */
    public void announce(URI server) throws IOException {
        directory.write(ADDRESS, server.toString().getBytes(UTF_8));
    }

    /** Where the server listens, as it wrote down when it started last. */
    public URI server() throws IOException {
        return URI.create(new String(required(directory, ADDRESS), UTF_8));
    }

    /**
     * Seals {@code content}.
     *
     * @param context what {@link #unseal} must be given too
     */
    public byte[] seal(byte[] content, byte[] context) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(content);
            return ByteBuffer.allocate(NONCE_BYTES + sealed.length).put(nonce).put(sealed).array();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has AES-GCM", e);
        }
    }

    /**
     * The content of a message that was sealed with this key in this context; empty for anything
     * else.
     */
    public Optional<byte[]> unseal(byte[] message, byte[] context) {
        if (message.length < NONCE_BYTES + TAG_BITS / 8) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    cipher(Cipher.DECRYPT_MODE, nonce(message), context)
                            .doFinal(message, NONCE_BYTES, message.length - NONCE_BYTES));
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // Sealed otherwise: the caller refuses it.
        }
    }

    /** What no two messages of this key have in common. */
    public static byte[] nonce(byte[] message) {
        return Arrays.copyOf(message, NONCE_BYTES);
    }

    private Cipher cipher(int mode, byte[] nonce, byte[] context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        return cipher;
    }
}
