package dev.forebay.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * TLS whose handshakes have to end in time. A connection that sends nothing, or a byte now and
 * then, is closed when its time is over, so it holds its place for so long only.
 */
final class BoundedHandshakes extends SslConnectionFactory {
    private final Duration longest;

    /**
     * @param next the protocol inside
     * @param longest how long a handshake may take
     */
    BoundedHandshakes(SslContextFactory.Server ssl, String next, Duration longest) {
        super(ssl, next);
        this.longest = longest;
    }

    @Override
    protected SslConnection newSslConnection(
            Connector connector, EndPoint endPoint, SSLEngine engine) {
        SslConnection connection = super.newSslConnection(connector, endPoint, engine);
        Scheduler.Task end =
                connector
                        .getScheduler()
                        .schedule(endPoint::close, longest.toMillis(), TimeUnit.MILLISECONDS);
        connection.addHandshakeListener(
                new SslHandshakeListener() {
                    @Override
                    public void handshakeSucceeded(Event event) {
                        end.cancel();
                    }

                    @Override
                    public void handshakeFailed(Event event, Throwable failure) {
                        end.cancel();
                    }
                });
        return connection;
    }
}
