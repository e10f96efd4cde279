package dev.forebay.server;

import dev.forebay.identity.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;

/**
 * One address to listen on and what is served there.
 *
 * @param host the address to bind, without brackets
 * @param port 0 for a free one
 * @param publicUrl where clients find it, if not where it listens; ends with a slash
 * @param hosts which hosts and origins may be named in its requests
 * @param exposed true if it can be reached from beyond loopback
 * @param grpc answers the gRPC calls that come in here; without it the front refuses them
 */
record Listener(
        String host,
        int port,
        Protocols protocols,
        Optional<URI> publicUrl,
        HostRule hosts,
        boolean exposed,
        List<Face> faces,
        Optional<Handler> grpc) {
    Listener {
        faces = List.copyOf(faces);
    }

    /** Plain HTTP as {@code config} says. */
    static Listener plain(ServerConfig config, List<Face> faces) {
        return new Listener(
                config.host(),
                config.port(),
                Protocols.PLAIN,
                config.publicUrl(),
                new HostRule(bracketed(config.host()), config.publicUrl()),
                false,
                faces,
                Optional.empty());
    }

    /** TLS where {@code tls} says, for the names that {@code authority} certifies. */
    static Listener tls(
            ServerConfig config,
            TlsConfig tls,
            Authority authority,
            List<Face> faces,
            Optional<Handler> grpc)
            throws IOException {
        boolean exposed = !InetAddress.getByName(tls.bind()).isLoopbackAddress();
        return new Listener(
                tls.bind(),
                tls.port(),
                Protocols.tls(authority.serverContext()),
                config.publicUrl(),
                new HostRule(bracketed(tls.bind()), config.publicUrl(), authority.names(), exposed),
                exposed,
                faces,
                grpc);
    }

    /** The host as it stands in a URL. */
    static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }
}
