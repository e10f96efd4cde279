package dev.forebay.identity;

import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.identity.CertificateMaker.Validity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/**
 * The server's own certificate authority, made on its first start, and the certificate that it
 * issues to the server.
 *
 * <p><b>Guarantee.</b> The authority can certify no other authority, and only the names it was made
 * for and hosts below them. The server's certificate is renewed {@link #RENEW_BEFORE} before it
 * ends and when its names change, by the same authority, so that clients which trust that go on.
 * Every crash leaves files with which the next start goes on. Keys are in no message.
 *
 * <p>BoringSSL, which the clients of gRPC are built with, cannot check an address against the
 * constraints and then refuses the certificate. So there are two of them under one key: clients
 * that name a host in the handshake (SNI) are shown the one with the names of hosts alone, and all
 * others, those which dial an address, the one with every name.
 *
 * <p><b>Limit.</b> A client of gRPC has to dial a name, or override it. The authority ends after
 * {@link #AUTHORITY_LIFETIME}; then a new one is made by hand, and clients have to trust that.
 * Nothing is revoked.
 *
 * <p>Safe for use by many threads. {@link #open} and {@link #renewIfDue} block for the disk.
 */
public final class Authority {
    /** How long the authority's own certificate is valid. */
    public static final Duration AUTHORITY_LIFETIME = Duration.ofDays(3650);

    /** How long a certificate of the server is valid. */
    public static final Duration LEAF_LIFETIME = Duration.ofDays(397);

    /** How long before its end a certificate of the server is renewed. */
    public static final Duration RENEW_BEFORE = Duration.ofDays(30);

    /** For clients whose clock is behind. */
    private static final Duration BACKDATED = Duration.ofDays(1);

    static final String KEY = "authority.key";
    static final String CERTIFICATE = "authority.pem";
    static final String SERVER_KEY = "server.key";
    static final String SERVER_CERTIFICATE = "server.pem";

    /** The names of every server: what a stock client of the data log expects, and loopback. */
    private static final List<String> OWN =
            List.of("*.spot.robot", "localhost", "127.0.0.1", "::1");

    private final KeyDirectory directory;
    private final Clock clock;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final KeyPair serverKeys;

    /** Those that the server's certificate must hold. */
    private final NavigableSet<ServerName> names;

    /** Held during a renewal, its disk calls included. */
    private final ReentrantLock renewing = new ReentrantLock();

    private volatile Leaves leaves;

    /** The certificates of the server: with the names of hosts alone, and with every name. */
    private record Leaves(X509Certificate hosts, X509Certificate all) {}

    private Authority(
            KeyDirectory directory, Clock clock, List<String> hostNames, List<String> tlsNames)
            throws IOException {
        this.directory = directory;
        this.clock = clock;
        NavigableSet<ServerName> wanted = names(OWN);
        wanted.addAll(names(tlsNames));
        NavigableSet<ServerName> hosts = new TreeSet<>();
        hostNames.forEach(each -> ServerName.parse(each).ifPresent(hosts::add));
        this.keys = keys(KEY);
        this.certificate = authority(union(wanted, hosts));
        checkValid();
        this.names = certifiable(wanted, hosts);
        this.serverKeys = keys(SERVER_KEY);
        Optional<Leaves> stored = storedLeaves();
        this.leaves = stored.isEmpty() || isDue(stored.get()) ? issue() : stored.get();
    }

    /**
     * Opens the authority in {@code keys}, which is made if it is missing, and has the server's
     * certificate ready. The caller owns the directory alone.
     *
     * @param hostNames how this machine calls itself; those that are no names, or that the
     *     authority may not certify, are left out
     * @param tlsNames further names of hosts and addresses that the certificate must hold
     * @throws AuthorityException if the authority may not certify one of {@code tlsNames}, or its
     *     time is over
     * @throws IllegalArgumentException if one of {@code tlsNames} is no name
     * @throws DamagedException if a file there is not what was written
     */
    public static Authority open(
            Disk disk,
            Clock clock,
            Path keys,
            Collection<String> hostNames,
            Collection<String> tlsNames)
            throws IOException {
        KeyDirectory directory = KeyDirectory.open(disk, keys);
        return new Authority(directory, clock, List.copyOf(hostNames), List.copyOf(tlsNames));
    }

    /**
     * The certificate of the authority in {@code keys} as PEM, for clients to trust; empty if none
     * was made yet. Reads no key, and needs no ownership of the directory.
     */
    public static Optional<String> certificatePem(Disk disk, Path keys) throws IOException {
        return KeyDirectory.existing(disk, keys)
                .read(CERTIFICATE)
                .map(bytes -> new String(bytes, StandardCharsets.US_ASCII));
    }

    private static NavigableSet<ServerName> names(Collection<String> texts) {
        NavigableSet<ServerName> names = new TreeSet<>();
        texts.forEach(each -> names.add(ServerName.of(each)));
        return names;
    }

    private static NavigableSet<ServerName> union(
            Collection<ServerName> some, Collection<ServerName> others) {
        NavigableSet<ServerName> all = new TreeSet<>(some);
        all.addAll(others);
        return all;
    }

    private KeyPair keys(String file) throws IOException {
        Optional<byte[]> stored = directory.read(file);
        if (stored.isEmpty()) {
            KeyPair made = newPair();
            directory.write(file, Pem.of(made).getBytes(StandardCharsets.US_ASCII));
            return made;
        }
        try {
            return Pem.pair(stored.get());
        } catch (GeneralSecurityException e) {
            throw damaged(file, e);
        }
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

    /** The authority's certificate, made for {@code permitted} if there is none. */
    private X509Certificate authority(Collection<ServerName> permitted) throws IOException {
        Optional<byte[]> stored = directory.read(CERTIFICATE);
        if (stored.isEmpty()) {
            Validity validity = validity(AUTHORITY_LIFETIME);
            X509Certificate made = CertificateMaker.authority(keys, validity, permitted);
            directory.write(CERTIFICATE, Pem.of(made).getBytes(StandardCharsets.US_ASCII));
            return made;
        }
        try {
            X509Certificate found = Pem.certificate(stored.get());
            found.verify(keys.getPublic());
            return found;
        } catch (GeneralSecurityException e) {
            throw damaged(CERTIFICATE, e);
        }
    }

    private DamagedException damaged(String file, Exception cause) {
        return new DamagedException(
                "%s is not what was written with the other files of the authority; restore it from a backup, or %s"
                        .formatted(directory.at(file), startOver()),
                cause);
    }

    /** The next step if another authority is needed. */
    private String startOver() {
        return "move %s and %s away, start again, and have every client trust the new authority ('forebay log trust' says how)"
                .formatted(directory.at(KEY), directory.at(CERTIFICATE));
    }

    private Validity validity(Duration lifetime) {
        Instant now = clock.wall().truncatedTo(ChronoUnit.SECONDS);
        return new Validity(now.minus(BACKDATED), now.plus(lifetime));
    }

    private void checkValid() {
        Instant end = certificate.getNotAfter().toInstant();
        if (!clock.wall().isBefore(end)) {
            throw new AuthorityException(
                    "the server's certificate authority ended at %s; %s"
                            .formatted(end, startOver()));
        }
    }

    /** The names of the certificate: all of {@code wanted}, and what may be of {@code hosts}. */
    private NavigableSet<ServerName> certifiable(
            NavigableSet<ServerName> wanted, NavigableSet<ServerName> hosts) {
        List<ServerName> permitted = CertificateMaker.permitted(certificate);
        for (ServerName each : wanted) {
            if (permitted.stream().noneMatch(each::within)) {
                throw new AuthorityException(
                        "the server's certificate authority was made for %s and hosts below them, and cannot certify %s; leave that name out, or %s"
                                .formatted(permitted, each, startOver()));
            }
        }
        NavigableSet<ServerName> all = new TreeSet<>(wanted);
        hosts.stream().filter(each -> permitted.stream().anyMatch(each::within)).forEach(all::add);
        return all;
    }

    /** The stored certificates, if they are of this authority and key. */
    private Optional<Leaves> storedLeaves() throws IOException {
        Optional<byte[]> stored = directory.read(SERVER_CERTIFICATE);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<X509Certificate> found = Pem.certificates(stored.get());
            for (X509Certificate each : found) {
                each.verify(keys.getPublic());
                if (!each.getPublicKey().equals(serverKeys.getPublic())) {
                    return Optional.empty();
                }
            }
            return found.size() == 2
                    ? Optional.of(new Leaves(found.get(0), found.get(1)))
                    : Optional.empty();
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // Of an authority before this one: another is issued.
        }
    }

    private boolean isDue(Leaves stored) {
        X509Certificate found = stored.all;
        Instant now = clock.wall();
        Instant end = found.getNotAfter().toInstant();
        boolean longerIsPossible = end.isBefore(certificate.getNotAfter().toInstant());
        return longerIsPossible && !now.isBefore(end.minus(RENEW_BEFORE))
                || now.isBefore(found.getNotBefore().toInstant())
                || !namesOf(found).equals(names);
    }

    private static NavigableSet<ServerName> namesOf(X509Certificate certificate) {
        NavigableSet<ServerName> found = new TreeSet<>();
        try {
            for (List<?> each : certificate.getSubjectAlternativeNames()) {
                found.add(ServerName.of(String.valueOf(each.get(1))));
            }
        } catch (CertificateParsingException e) {
            throw new IllegalStateException("a certificate of this authority has no names", e);
        }
        return found;
    }

    private Leaves issue() throws IOException {
        Validity wished = validity(LEAF_LIFETIME);
        Instant last = certificate.getNotAfter().toInstant();
        Validity validity =
                new Validity(wished.from(), wished.until().isBefore(last) ? wished.until() : last);
        List<ServerName> hosts = names.stream().filter(each -> !each.address()).toList();
        Leaves issued = new Leaves(leaf(validity, hosts), leaf(validity, names));
        String text = Pem.of(issued.hosts) + Pem.of(issued.all);
        directory.write(SERVER_CERTIFICATE, text.getBytes(StandardCharsets.US_ASCII));
        return issued;
    }

    private X509Certificate leaf(Validity validity, Collection<ServerName> held) {
        return CertificateMaker.leaf(
                certificate, keys.getPrivate(), serverKeys.getPublic(), validity, held);
    }

    /**
     * Renews the server's certificate if its time has come; handshakes that begin later use the new
     * one.
     *
     * @return true if it was renewed
     */
    public boolean renewIfDue() throws IOException {
        renewing.lock();
        try {
            if (!isDue(leaves)) {
                return false;
            }
            leaves = issue();
            return true;
        } finally {
            renewing.unlock();
        }
    }

    /** The certificate of the authority, which clients trust. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** The certificate of the server, with every name, as it is now. */
    public X509Certificate serverCertificate() {
        return leaves.all;
    }

    /** The one that is shown to clients which name a host. */
    X509Certificate hostsCertificate() {
        return leaves.hosts;
    }

    /** The names in the certificate of the server, in order. */
    public List<String> names() {
        return names.stream().map(ServerName::text).toList();
    }

    /** For a server: shows the certificate as it is at each handshake, and asks for none. */
    public SSLContext serverContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {
                        new LeafKeyManager(
                                serverKeys.getPrivate(), () -> leaves.hosts, () -> leaves.all)
                    },
                    null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has TLS", e);
        }
    }
}
