package dev.forebay.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Makes the certificates, by Bouncy Castle. The keys and the signatures are the JDK's. Nothing else
 * uses that library, so a start that makes no certificate does not load it. Holds no state.
 */
final class CertificateMaker {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final SecureRandom RANDOM = new SecureRandom();

    private CertificateMaker() {}

    /** From when until when a certificate is valid. */
    record Validity(Instant from, Instant until) {}

    /**
     * The authority's own certificate: path length 0, and good for {@code names} and the hosts
     * below them only.
     */
    static X509Certificate authority(
            KeyPair keys, Validity validity, Collection<ServerName> names) {
        // Clients may trust several servers: two authorities must not have the same name.
        String own = "CN=Forebay authority " + HexFormat.of().toHexDigits(RANDOM.nextLong());
        X500Principal name = new X500Principal(own);
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            var builder = builder(name, name, keys.getPublic(), validity);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(Extension.nameConstraints, true, constraints(names));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    ids.createSubjectKeyIdentifier(keys.getPublic()));
            return signed(builder, keys.getPrivate());
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new AssertionError("a P-256 key signs a certificate", e);
        }
    }

    /** A server's certificate for {@code names}, issued by {@code issuer}. */
    static X509Certificate leaf(
            X509Certificate issuer,
            PrivateKey issuerKey,
            PublicKey key,
            Validity validity,
            Collection<ServerName> names) {
        try {
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            var builder =
                    builder(
                            issuer.getSubjectX500Principal(),
                            new X500Principal("CN=Forebay"),
                            key,
                            validity);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                            names.stream()
                                    .map(each -> general(each, each.text(), false))
                                    .toArray(GeneralName[]::new)));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(key));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    ids.createAuthorityKeyIdentifier(issuer.getPublicKey()));
            return signed(builder, issuerKey);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new AssertionError("a P-256 key signs a certificate", e);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, PublicKey key, Validity validity) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(126, RANDOM).setBit(126),
                Date.from(validity.from),
                Date.from(validity.until),
                subject,
                key);
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }

    private static NameConstraints constraints(Collection<ServerName> names) {
        return new NameConstraints(
                names.stream()
                        .map(each -> general(each, each.domain(), true))
                        .distinct()
                        .map(GeneralSubtree::new)
                        .toArray(GeneralSubtree[]::new),
                null);
    }

    /** An address in a constraint has a mask behind it, here of all its bits. */
    private static GeneralName general(ServerName name, String host, boolean withMask) {
        if (!name.address()) {
            return new GeneralName(GeneralName.dNSName, host);
        }
        byte[] address = name.bytes();
        byte[] bytes = Arrays.copyOf(address, withMask ? 2 * address.length : address.length);
        Arrays.fill(bytes, address.length, bytes.length, (byte) 0xff);
        return new GeneralName(GeneralName.iPAddress, new DEROctetString(bytes));
    }

    /** The names that {@code authority} may certify, with the hosts below them. */
    static List<ServerName> permitted(X509Certificate authority) {
        byte[] stored = authority.getExtensionValue(Extension.nameConstraints.getId());
        if (stored == null) {
            throw new IllegalArgumentException("the authority has no name constraints");
        }
        List<ServerName> names = new ArrayList<>();
        NameConstraints found =
                NameConstraints.getInstance(ASN1OctetString.getInstance(stored).getOctets());
        for (GeneralSubtree subtree : found.getPermittedSubtrees()) {
            GeneralName base = subtree.getBase();
            if (base.getTagNo() == GeneralName.dNSName) {
                names.add(ServerName.of(base.getName().toString()));
            } else {
                byte[] bytes = ASN1OctetString.getInstance(base.getName()).getOctets();
                names.add(ServerName.ofAddress(Arrays.copyOf(bytes, bytes.length / 2)));
            }
        }
        return names;
    }
}
