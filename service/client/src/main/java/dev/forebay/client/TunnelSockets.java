package dev.forebay.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.forebay.blobhttp.HttpProxy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sockets that reach a server of https through a tunnel of a proxy. The JDK's own tunnels keep a
 * proxy's name and password for the request behind the tunnel, and so show them to the server.
 *
 * <p><b>Guarantee.</b> No socket is connected but to the proxy.
 *
 * <p>Connecting blocks, at most its time for the connection and once more for the proxy's answer.
 */
final class TunnelSockets extends SSLSocketFactory {
    private static final int LARGEST_HEAD = 16 * 1024;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([0-9]{3})\\b");

    private final HttpProxy.Hop proxy;
    private final SSLSocketFactory secured;

    /** The proxy on the way, and what secures the tunnels. */
    TunnelSockets(HttpProxy.Hop proxy, SSLSocketFactory secured) {
        this.proxy = proxy;
        this.secured = secured;
    }

    @Override
    public Socket createSocket() {
        return new Tunnel(proxy);
    }

    @Override
    public Socket createSocket(Socket tunnel, String host, int port, boolean autoClose)
            throws IOException {
        return secured.createSocket(tunnel, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw around(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort)
            throws IOException {
        throw around(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        throw around(host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
            throws IOException {
        throw around(host.getHostAddress(), port);
    }

    /** The JDK tries this if a tunnel cannot be secured. */
    private IOException around(String host, int port) {
        return new IOException("%s:%d is not reached around %s".formatted(host, port, proxy));
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return secured.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return secured.getSupportedCipherSuites();
    }

    /** A socket that is connected to a server when the proxy is. For one thread. */
    private static final class Tunnel extends Socket {
        private final HttpProxy.Hop proxy;

        Tunnel(HttpProxy.Hop proxy) {
            this.proxy = proxy;
        }

        @Override
        public void connect(SocketAddress server, int timeout) throws IOException {
            super.connect(new InetSocketAddress(proxy.host(), proxy.port()), timeout);
            setSoTimeout(timeout);
            InetSocketAddress there = (InetSocketAddress) server;
            String host = there.getHostString();
            String target =
                    (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host)
                            + ":"
                            + there.getPort();
            String authorization =
                    proxy.authorization()
                            .map(value -> "Proxy-Authorization: " + value + "\r\n")
                            .orElse("");
            getOutputStream()
                    .write(
                            "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
                                    .formatted(target, target, authorization)
                                    .getBytes(ISO_8859_1));
            int status = status();
            if (status < 200 || status > 299) {
                throw new IOException("it answered CONNECT %s with %d".formatted(target, status));
            }
        }

        /** Reads no byte behind the head: those are of TLS. */
        private int status() throws IOException {
            InputStream in = getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.length() < LARGEST_HEAD) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("it hung up");
                }
                head.append((char) next);
                if (next == '\n' && head.toString().endsWith("\r\n\r\n")) {
                    Matcher status = STATUS.matcher(head);
                    if (status.lookingAt()) {
                        return Integer.parseInt(status.group(1));
                    }
                    break;
                }
            }
            throw new ProtocolException("expected a status line of HTTP, found something else");
        }
    }
}
