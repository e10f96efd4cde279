package dev.forebay.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Where a server listens with TLS, and under which names.
 *
 * @param bind the address to listen on, without brackets; beyond loopback only the data log and
 *     access URLs are served
 * @param port 0 for a free one
 * @param names of hosts and addresses, for the certificate, beside those every server has
 */
public record TlsConfig(String bind, int port, List<String> names) {
    /** The port that the documents name. */
    public static final int USUAL_PORT = 7443;

    public TlsConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
        names = List.copyOf(names);
    }

    /** On loopback, with no names of its own. */
    public static TlsConfig of(int port) {
        return new TlsConfig("127.0.0.1", port, List.of());
    }

    /** How this machine calls itself; nothing if it does not know. */
    static List<String> hostNames() {
        try {
            return List.of(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            return List.of(); // The names are a convenience: --tls-name can give them too.
        }
    }
}
