package dev.forebay.server;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.identity.Authority;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A client that trusts one server's authority and no other. */
final class Tls {
    private final Path pem;

    private Tls(Path pem) {
        this.pem = pem;
    }

    /** Trusts the server that has {@code data}. */
    static Tls trusting(Path data) {
        return new Tls(data.resolve("keys/authority.pem"));
    }

    /** An authority of the test's own in {@code data}. */
    static Authority authority(Path data) throws IOException {
        Files.createDirectories(data);
        return Authority.open(
                Disk.system(), Clock.system(), data.resolve("keys"), List.of(), List.of());
    }

    /** The file that clients are given. */
    Path pem() {
        return pem;
    }

    SSLContext context() throws IOException, GeneralSecurityException {
        byte[] text = Files.readString(pem, US_ASCII).getBytes(US_ASCII);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "authority",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(text)));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    HttpClient client(HttpClient.Version version) throws IOException, GeneralSecurityException {
        return HttpClient.newBuilder().sslContext(context()).version(version).build();
    }
}
