package dev.forebay.server;

import dev.forebay.base.Reason;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server: listens at one or more addresses and gives every request a virtual thread.
 *
 * <p><b>Guarantee.</b> Closing it lets requests under way end, within the grace, and cuts off the
 * others. <b>Limit.</b> While it closes, a connection on which no byte moves for a second is cut
 * off too. TCP only. Safe for use by many threads; starting and closing block.
 */
final class HttpListeners implements AutoCloseable {
    static final int LARGEST_HEADERS = 16 << 10;

    /** Longer than the longest wait, so that a parked request is not taken for an idle one. */
    private static final long IDLE_MILLIS = 2 * DataPlaneFace.LONGEST_WAIT.toMillis() + 15_000;

    private static final int MOST_CONNECTIONS = 16_384;

    /** What a connection takes of the heap while its handshake stops in the middle. */
    private static final int HALF_OPEN = 40 << 10;

    /**
     * Connections that the system keeps until they are accepted. A client beyond them tries again
     * after a second, and after two more.
     */
    private static final int ACCEPT_QUEUE = 1024;

    /**
     * How many references fill a line of the processor's cache. Without it, Jetty asks Java's
     * management for the size of a reference, which takes 70 ms of a start.
     */
    private static final String CACHE_LINE = "org.eclipse.jetty.util.referencesPerCacheLine";

    private final Server jetty;
    private final List<URI> uris = new ArrayList<>();

    private HttpListeners(Server jetty) {
        this.jetty = jetty;
    }

    /**
     * Starts to listen.
     *
     * @param listeners at least one
     * @param grace how long requests under way may take when it is closed
     * @throws IOException if an address is taken; then nothing listens
     */
    static HttpListeners start(
            List<Listener> listeners, Duration grace, FaultLog faults, RequestCounts counts)
            throws IOException {
        return start(listeners, grace, faults, counts, mostConnections());
    }

    /** As many as take half of the heap if none of them ends its handshake. */
    private static int mostConnections() {
        long half = Runtime.getRuntime().maxMemory() / 2;
        return (int) Math.min(half / HALF_OPEN, MOST_CONNECTIONS);
    }

    /**
     * @param mostConnections on all listeners together; further ones wait to be accepted until
     *     others close
     */
    static HttpListeners start(
            List<Listener> listeners,
            Duration grace,
            FaultLog faults,
            RequestCounts counts,
            int mostConnections)
            throws IOException {
        if (System.getProperty(CACHE_LINE) == null) {
            System.setProperty(CACHE_LINE, "16");
        }
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("http");
        threads.setVirtualThreadsExecutor(
                VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
        Server jetty = new Server(threads, null, buffers());
        Map<Connector, Entrance> entrances = new LinkedHashMap<>();
        Map<Connector, Handler> grpc = new LinkedHashMap<>();
        for (Listener listener : listeners) {
            ServerConnector connector = connector(jetty, threads, listener);
            jetty.addConnector(connector);
            entrances.put(connector, new Entrance(listener));
            listener.grpc().ifPresent(handler -> grpc.put(connector, handler));
        }
        jetty.addBean(new NetworkConnectionLimit(mostConnections, jetty));
        Front front = new Front(entrances, faults, counts);
        jetty.setHandler(new GracefulHandler(new GrpcSwitch(front, grpc)));
        jetty.setErrorHandler(new MalformedRequestHandler(LARGEST_HEADERS, front::render));
        jetty.setStopTimeout(grace.toMillis());
        HttpListeners started = new HttpListeners(jetty);
        try {
            started.listen(listeners);
            return started;
        } catch (Throwable e) {
            try {
                started.close();
            } catch (Throwable second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    /** By itself, Jetty makes each buffer of more than 64 KiB anew. */
    private static ByteBufferPool buffers() {
        return new ArrayByteBufferPool(-1, -1, Exchange.LARGE_PIECE);
    }

    private void listen(List<Listener> listeners) throws IOException {
        for (int i = 0; i < listeners.size(); i++) {
            Listener listener = listeners.get(i);
            try {
                ((ServerConnector) jetty.getConnectors()[i]).open();
            } catch (IOException e) {
                throw new IOException(taken(listener.host(), listener.port(), e), e);
            }
        }
        try {
            jetty.start();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server did not start: " + e.getMessage(), e);
        }
        for (int i = 0; i < listeners.size(); i++) {
            ServerConnector connector = (ServerConnector) jetty.getConnectors()[i];
            String scheme = connector.getDefaultProtocol().startsWith("SSL") ? "https" : "http";
            String host = Listener.bracketed(listeners.get(i).host());
            uris.add(URI.create("%s://%s:%d".formatted(scheme, host, connector.getLocalPort())));
        }
    }

    private static HttpConfiguration http() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(LARGEST_HEADERS);
        http.setResponseHeaderSize(LARGEST_HEADERS);
        // Metadata that a request had room for is answered beside headers of our own.
        http.setMaxResponseHeaderSize(2 * LARGEST_HEADERS);
        http.setInputBufferSize(64 << 10);
        http.setUriCompliance(UriCompliance.DEFAULT);
        return http;
    }

    private static ServerConnector connector(
            Server jetty, QueuedThreadPool threads, Listener listener) {
        ConnectionFactory[] factories =
                listener.protocols().factories(http()).toArray(new ConnectionFactory[0]);
        ServerConnector connector =
                new ServerConnector(jetty, factories) {
                    @Override
                    protected SocketChannelEndPoint newEndPoint(
                            SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                        Executor executor = threads.getVirtualThreadsExecutor();
                        WatchedEndPoint endPoint =
                                new WatchedEndPoint(
                                        channel, selector, key, getScheduler(), executor);
                        endPoint.setIdleTimeout(getIdleTimeout());
                        return endPoint;
                    }
                };
        connector.setHost(listener.host());
        connector.setPort(listener.port());
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setAcceptQueueSize(ACCEPT_QUEUE);
        return connector;
    }

    /**
     * Fails as {@link #start} would if the address is taken; if it is taken later, {@code start}
     * fails.
     */
    static void tryAddress(String host, int port) throws IOException {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getByName(host))) {
            return;
        } catch (BindException e) {
            throw new IOException(taken(host, port, e), e);
        }
    }

    private static String taken(String host, int port, IOException fault) {
        Throwable cause = fault.getCause() == null ? fault : fault.getCause();
        String said = Reason.of(cause);
        String next =
                said.contains("ermission denied")
                        ? "allow it to ports from %d on ('sysctl net.ipv4.ip_unprivileged_port_start=%d'), or choose another port and name it to the clients"
                                .formatted(port, port)
                        : "end the program that has it, or choose another port (0: any free one)";
        return "cannot listen on port %d of %s (%s); %s".formatted(port, host, said, next);
    }

    /** Where it listens, in the order of the listeners, without a slash at the end. */
    List<URI> uris() {
        return List.copyOf(uris);
    }

    @Override
    public void close() throws IOException {
        for (Connector connector : jetty.getConnectors()) {
            if (!connector.isStarted()) {
                ((ServerConnector) connector).close(); // It was opened, and the start failed.
            }
        }
        try {
            jetty.stop();
        } catch (TimeoutException e) {
            // Everything is stopped all the same; requests that needed longer were cut.
            LoggerFactory.getLogger(HttpListeners.class)
                    .info("requests that did not end within the grace were cut off");
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server did not stop: " + e.getMessage(), e);
        }
    }
}
