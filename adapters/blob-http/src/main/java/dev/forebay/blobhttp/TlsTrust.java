package dev.forebay.blobhttp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Which certificates of servers a client trusts. Nothing else is accepted, and the name in the URL
 * must stand in the server's certificate. Safe for use by many threads.
 */
public final class TlsTrust {
    private final Supplier<SSLContext> context;

    private TlsTrust(Supplier<SSLContext> context) {
        this.context = context;
    }

    /**
     * Those that this Java trusts; looked up when they are needed.
     *
     * @return that trust
     */
    public static TlsTrust ofJava() {
        return new TlsTrust(TlsTrust::javas);
    }

    /**
     * Those that are signed by one of the authorities in a file of PEM, and no others.
     *
     * @param pem the file
     * @return that trust
     * @throws IOException if the file cannot be read or holds no certificate
     */
    public static TlsTrust ofFile(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (Certificate each :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("authority-" + trusted.size(), each);
            }
            if (trusted.size() == 0) {
                throw new GeneralSecurityException("found none");
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return new TlsTrust(() -> context);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "expected certificates as PEM in %s, as 'forebay log trust --pem' prints them: %s"
                            .formatted(pem, e.getMessage()),
                    e);
        }
    }

    /**
     * Makes sockets that trust them.
     *
     * @return a factory of sockets
     */
    public SSLSocketFactory sockets() {
        return context.get().getSocketFactory();
    }

    /**
     * Makes connections that trust them, for clients that bring their own.
     *
     * @return a context
     */
    public SSLContext context() {
        return context.get();
    }

    private static SSLContext javas() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }
}
