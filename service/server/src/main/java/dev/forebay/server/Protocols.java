package dev.forebay.server;

import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** How the bytes of a listener's connections become requests: the first factory takes them. */
@FunctionalInterface
interface Protocols {
    /**
     * Pings, resets and the like that a connection of HTTP/2 may send in a second. A client of gRPC
     * pings to measure the line.
     */
    int MOST_CONTROL_FRAMES = 1000;

    /**
     * Bytes that a connection of HTTP/2 may bring unread: four times those of a stream, so that one
     * that waits, such as a message for which there is no memory, does not stop the others.
     */
    int CONNECTION_WINDOW = 2 << 20;

    /** How long a client may take to shake hands; then its connection is closed. */
    Duration HANDSHAKE = Duration.ofSeconds(15);

    /** HTTP/1.1 without encryption. */
    Protocols PLAIN = http -> List.of(new HttpConnectionFactory(http));

    /**
     * TLS by {@code context}; the client chooses HTTP/2 or HTTP/1.1 by ALPN, and one that does not
     * choose gets HTTP/1.1.
     */
    static Protocols tls(SSLContext context) {
        return tls(context, HANDSHAKE);
    }

    /**
     * @param handshake how long a client may take to shake hands
     */
    static Protocols tls(SSLContext context, Duration handshake) {
        return http -> {
            SslContextFactory.Server ssl = new SslContextFactory.Server();
            ssl.setSslContext(context);
            HttpConnectionFactory one = new HttpConnectionFactory(http);
            HTTP2ServerConnectionFactory two = new HTTP2ServerConnectionFactory(http);
            two.setInitialSessionRecvWindow(CONNECTION_WINDOW);
            two.setRateControlFactory(new WindowRateControl.Factory(MOST_CONTROL_FRAMES));
            ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
            alpn.setDefaultProtocol(one.getProtocol());
            return List.of(
                    new BoundedHandshakes(ssl, alpn.getProtocol(), handshake), alpn, two, one);
        };
    }

    List<ConnectionFactory> factories(HttpConfiguration http);
}
