package dev.forebay.server;

import java.util.List;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;

/** How the bytes of a listener's connections become requests: the first factory takes them. */
@FunctionalInterface
interface Protocols {
    /** HTTP/1.1 without encryption. */
    Protocols PLAIN = http -> List.of(new HttpConnectionFactory(http));

    List<ConnectionFactory> factories(HttpConfiguration http);
}
