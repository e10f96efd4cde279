package dev.forebay.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.List;

/** Certificates and keys as text, as other programs read them. */
final class Pem {
    private static final String CERTIFICATE = "CERTIFICATE";
    private static final String KEY = "PRIVATE KEY";
    private static final String PUBLIC_KEY = "PUBLIC KEY";

    private Pem() {}

    static String of(X509Certificate certificate) {
        try {
            return armoured(CERTIFICATE, certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate that was read has no bytes", e);
        }
    }

    /** Both halves; other programs read the first, which is the secret one. */
    static String of(KeyPair keys) {
        return armoured(KEY, keys.getPrivate().getEncoded())
                + armoured(PUBLIC_KEY, keys.getPublic().getEncoded());
    }

    private static String armoured(String label, byte[] bytes) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, base64, label);
    }

    /**
     * The certificate in {@code text}.
     *
     * @throws GeneralSecurityException if there is not exactly one
     */
    static X509Certificate certificate(byte[] text) throws GeneralSecurityException {
        List<X509Certificate> found = certificates(text);
        if (found.size() != 1) {
            throw new GeneralSecurityException("expected 1 certificate, found " + found.size());
        }
        return found.getFirst();
    }

    /**
     * The certificates in {@code text}, in order.
     *
     * @throws GeneralSecurityException if there is something else
     */
    static List<X509Certificate> certificates(byte[] text) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(text))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    /**
     * The keys of an elliptic curve in {@code text}.
     *
     * @throws GeneralSecurityException if it is not as {@link #of(KeyPair)} writes it
     */
    static KeyPair pair(byte[] text) throws GeneralSecurityException {
        String lines = new String(text, US_ASCII);
        KeyFactory keys = KeyFactory.getInstance("EC");
        return new KeyPair(
                keys.generatePublic(new X509EncodedKeySpec(bytes(PUBLIC_KEY, lines))),
                keys.generatePrivate(new PKCS8EncodedKeySpec(bytes(KEY, lines))));
    }

    private static byte[] bytes(String label, String lines) throws GeneralSecurityException {
        String begin = "-----BEGIN " + label + "-----\n";
        int from = lines.indexOf(begin);
        int end = lines.indexOf("\n-----END " + label + "-----");
        if (from < 0 || end < from + begin.length()) {
            throw new GeneralSecurityException("expected " + begin.strip());
        }
        try {
            return Base64.getMimeDecoder().decode(lines.substring(from + begin.length(), end));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("expected base64 behind " + begin.strip(), e);
        }
    }
}
