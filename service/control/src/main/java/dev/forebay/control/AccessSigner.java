package dev.forebay.control;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.control.ProvenSignatures.Validity;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Signs and checks access URLs as section 1.11 of the reference's protocol has it: ECDSA over P-256
 * with SHA-256 of five lines, {@code sv}, container, {@code sp}, {@code st} and {@code se}.
 *
 * <p><b>Guarantee.</b> What {@link #verify} allows was signed with this key for this container and
 * is within its time.
 *
 * <p><b>Limit.</b> A URL cannot be withdrawn before it expires; no allowance is made for clocks
 * that differ. Safe for use by many threads; only {@link #open} blocks.
 */
public final class AccessSigner {
    /** The longest validity, and the one of a URL that was asked for without one. */
    public static final Duration LONGEST = Duration.ofHours(1);

    /** The shortest validity. */
    public static final Duration SHORTEST = Duration.ofSeconds(30);

    private static final String VERSION = "0.1.0";
    private static final String ALGORITHM = "SHA256withECDSA";
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'").withZone(ZoneOffset.UTC);
    private static final int LARGEST_KEY_FILE = 4096;

    /** What a query is good for. */
    public enum Verdict {
        ALLOWED,
        /** Missing, malformed, forged, expired or not yet valid. */
        NOT_AUTHENTIC,
        /** Authentic, but without the letter that is needed. */
        NOT_PERMITTED
    }

    private final PrivateKey secret;
    private final PublicKey shown;
    private final ProvenSignatures proven = new ProvenSignatures();

    private AccessSigner(PrivateKey secret, PublicKey shown) {
        this.secret = secret;
        this.shown = shown;
    }

    /** With a key of its own that dies with it. */
    public static AccessSigner ephemeral() {
        KeyPair pair = newPair();
        return new AccessSigner(pair.getPrivate(), pair.getPublic());
    }

    /**
     * With the key in {@code directory}, which is made durably, and the key with it, if missing.
     *
     * @throws IOException if the file cannot be read or is not such a key
     */
    public static AccessSigner open(Disk disk, Path directory) throws IOException {
        if (disk.stat(directory).isEmpty()) {
            disk.createDirectory(directory);
        }
        Path file = directory.resolve("access.key");
        if (disk.stat(file).isEmpty()) {
            create(disk, directory, file);
        }
        // Also what a start that was cut off left unsynced is synced before it signs anything.
        disk.syncDirectory(directory);
        Path parent = directory.toAbsolutePath().getParent();
        disk.syncDirectory(parent == null ? directory : parent);
        try (DiskFile stored = disk.open(file, Disk.Access.READ)) {
            ByteBuffer text = ByteBuffer.allocate((int) Math.min(LARGEST_KEY_FILE, stored.size()));
            stored.readFully(text, 0);
            return parse(StandardCharsets.US_ASCII.decode(text.flip()).toString());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    file
                            + " is not a pair of keys as written here; restore it, or move it away to"
                            + " have a new one, which voids all access URLs given out",
                    e);
        }
    }

    /** Two lines of base64: PKCS#8, SubjectPublicKeyInfo. */
    private static AccessSigner parse(String text) throws GeneralSecurityException {
        List<String> lines = text.lines().toList();
        if (lines.size() != 2) {
            throw new IllegalArgumentException("expected 2 lines, found " + lines.size());
        }
        KeyFactory keys = KeyFactory.getInstance("EC");
        return new AccessSigner(
                keys.generatePrivate(
                        new PKCS8EncodedKeySpec(Base64.getDecoder().decode(lines.get(0)))),
                keys.generatePublic(
                        new X509EncodedKeySpec(Base64.getDecoder().decode(lines.get(1)))));
    }

    private static void create(Disk disk, Path directory, Path file) throws IOException {
        KeyPair pair = newPair();
        Base64.Encoder base64 = Base64.getEncoder();
        String text =
                base64.encodeToString(pair.getPrivate().getEncoded())
                        + "\n"
                        + base64.encodeToString(pair.getPublic().getEncoded())
                        + "\n";
        Path staged = directory.resolve("access.key.new");
        if (disk.stat(staged).isPresent()) {
            disk.delete(staged); // Of a start that was cut off.
        }
        try (DiskFile out = disk.open(staged, Disk.Access.CREATE)) {
            out.writeFully(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
            out.sync();
        }
        disk.rename(staged, file);
    }

    private static KeyPair newPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has P-256", e);
        }
    }

    /** Refuses what {@link #query} would refuse. */
    static void checkLifetime(Duration lifetime) {
        if (lifetime.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException("Access TTL must be at least 30 seconds.");
        }
        if (lifetime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "Access TTL must be less than or equal to 01:00:00.");
        }
    }

    /**
     * The query of an access URL.
     *
     * @param permissions letters, such as {@code r} or {@code cr}
     * @param lifetime between {@link #SHORTEST} and {@link #LONGEST}
     * @throws IllegalArgumentException if the lifetime is out of range; the texts are those of the
     *     reference
     */
    public String query(String container, String permissions, Instant now, Duration lifetime) {
        checkLifetime(lifetime);
        String from = SECONDS.format(now.truncatedTo(ChronoUnit.SECONDS));
        String until = SECONDS.format(now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS));
        return "api-version=1.0&sv="
                + VERSION
                + "&sp="
                + permissions
                + "&st="
                + encode(from)
                + "&se="
                + encode(until)
                + "&sig="
                + encode(sign(lines(VERSION, container, permissions, from, until)));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String sign(String lines) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(secret);
            signature.update(lines.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError("a P-256 key signs", e);
        }
    }

    private static String lines(String... lines) {
        return String.join("\n", lines);
    }

    /**
     * Checks a query for one letter on one container.
     *
     * @param query decoded values by name; a doubled one fails
     */
    public Verdict verify(
            String container, Map<String, List<String>> query, char needed, Instant now) {
        Optional<String> version = single(query, "sv").filter(VERSION::equals);
        Optional<String> permissions = single(query, "sp");
        Optional<String> from = single(query, "st");
        Optional<String> until = single(query, "se");
        Optional<String> signature = single(query, "sig");
        if (version.isEmpty()
                || permissions.isEmpty()
                || from.isEmpty()
                || until.isEmpty()
                || signature.isEmpty()) {
            return Verdict.NOT_AUTHENTIC;
        }
        String lines = lines(VERSION, container, permissions.get(), from.get(), until.get());
        boolean authentic =
                proven.find(lines, signature.get())
                        .map(known -> known.holds(now))
                        .orElseGet(
                                () -> proves(lines, from.get(), until.get(), signature.get(), now));
        if (!authentic) {
            return Verdict.NOT_AUTHENTIC;
        }
        return permissions.get().indexOf(needed) >= 0 ? Verdict.ALLOWED : Verdict.NOT_PERMITTED;
    }

    private static Optional<String> single(Map<String, List<String>> query, String name) {
        List<String> values = query.getOrDefault(name, List.of());
        return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
    }

    /** Checks the times and the signature of a text, and remembers it if both are good. */
    private boolean proves(String lines, String from, String until, String claimed, Instant now) {
        Validity validity;
        try {
            validity =
                    new Validity(
                            SECONDS.parse(from, Instant::from),
                            SECONDS.parse(until, Instant::from));
        } catch (DateTimeException e) {
            return false; // Not a time is no time at which it is valid.
        }
        boolean good = validity.holds(now) && fits(claimed, lines);
        if (good) {
            proven.add(lines, claimed, validity);
        }
        return good;
    }

    private boolean fits(String claimed, String lines) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initVerify(shown);
            signature.update(lines.getBytes(StandardCharsets.UTF_8));
            return signature.verify(Base64.getDecoder().decode(claimed));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // Text that is no base64 and bytes that are no DER signature are wrong.
        }
    }
}
