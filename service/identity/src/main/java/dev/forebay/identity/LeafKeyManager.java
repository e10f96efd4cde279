package dev.forebay.identity;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Gives a TLS server one key and, at each handshake, its certificates as they are then: a renewal
 * needs neither a restart nor a reload. Safe for use by many threads.
 */
final class LeafKeyManager extends X509ExtendedKeyManager {
    /** For a client that names a host. */
    private static final String HOSTS = "hosts";

    /** For any other. */
    private static final String ALL = "all";

    private final PrivateKey key;
    private final Supplier<X509Certificate> hosts;
    private final Supplier<X509Certificate> all;

    LeafKeyManager(PrivateKey key, Supplier<X509Certificate> hosts, Supplier<X509Certificate> all) {
        this.key = key;
        this.hosts = hosts;
        this.all = all;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
        return alias(keyType, engine.getHandshakeSession());
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, Socket socket) {
        return alias(keyType, ((SSLSocket) socket).getHandshakeSession());
    }

    private @Nullable String alias(String keyType, SSLSession session) {
        if (!keyType.startsWith(key.getAlgorithm())) {
            return null;
        }
        boolean named =
                session instanceof ExtendedSSLSession extended
                        && !extended.getRequestedServerNames().isEmpty();
        return named ? HOSTS : ALL;
    }

    @Override
    public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return new String[] {HOSTS, ALL};
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return new X509Certificate[] {(alias.equals(HOSTS) ? hosts : all).get()};
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return key;
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null; // It is no client.
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
        return null; // It is no client.
    }
}
