package dev.forebay.server;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerStore;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.Buffers;
import dev.forebay.control.Database;
import dev.forebay.control.Reconciliation;
import dev.forebay.wire.control.ServiceMetadata;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server over one data directory.
 *
 * <p><b>Guarantee.</b> It owns the directory alone. It listens only once everything found there is
 * durable. Closing it lets requests under way end, within the grace, and wakes those that are held.
 *
 * <p><b>Limit.</b> One listener, plain HTTP. Safe for use by many threads; {@link #start} and
 * {@link #close} block.
 */
public final class ForebayServer implements AutoCloseable {
    private static final int LARGEST_HEADERS = 16 << 10;

    /** Longer than the longest wait, so that a held request is not taken for an idle one. */
    private static final long IDLE_MILLIS = 2 * DataPlane.LONGEST_WAIT.toMillis() + 15_000;

    private final Opened opened;
    private final Router router;
    private final ContainerStore containers;
    private final Held held;
    private final AccessSigner signer;
    private final URI uri;

    private ForebayServer(
            Opened opened,
            Router router,
            ContainerStore containers,
            Held held,
            AccessSigner signer,
            URI uri) {
        this.opened = opened;
        this.router = router;
        this.containers = containers;
        this.held = held;
        this.signer = signer;
        this.uri = uri;
    }

    /**
     * Starts a server; it listens when this returns.
     *
     * @throws dev.forebay.base.LockedException if another server has the directory
     */
    public static ForebayServer start(ServerConfig config) throws IOException {
        return start(config, Disk.system(), Clock.system(), Held::new);
    }

    /** For tests: over another disk, another clock and with a view of the held requests. */
    static ForebayServer start(
            ServerConfig config, Disk disk, Clock clock, java.util.function.Supplier<Held> holding)
            throws IOException {
        Logging.toStandardError();
        Path data = config.data();
        Opened opened = new Opened();
        try {
            if (disk.stat(data).isEmpty()) {
                tryPort(config); // Or a first start that failed would leave a directory behind.
            }
            DataDirectory.prepare(disk, data);
            opened.add(disk.lock(data.resolve("=lock")));
            AccessSigner signer = AccessSigner.open(disk, data.resolve("keys"));
            ContainerStore containers =
                    opened.add(
                            DirectoryContainers.open(
                                    disk,
                                    clock,
                                    data.resolve("containers"),
                                    ByteSize.of(DataPlane.LARGEST_BLOB)));
            Database database = opened.add(Database.sqlite(data.resolve("catalog.db")));
            Buffers buffers = new Buffers(database, containers, signer, clock, config.lifetimes());
            opened.add(buffers.reconcileBehind(ForebayServer::report, ForebayServer::notCompared));
            opened.add(new Sweeper(buffers, clock));
            Health health = opened.add(new Health(disk, clock, data));
            Held held = holding.get();
            Router router = new Router();
            addCommon(router, health);
            new DataPlane(containers, signer, clock, held).addTo(router);
            new ControlPlane(buffers).addTo(router);
            Server jetty = jetty(config, router);
            opened.add(() -> stop(jetty));
            start(jetty, config);
            int port = ((ServerConnector) jetty.getConnectors()[0]).getLocalPort();
            URI uri = URI.create("http://" + bracketed(config.host()) + ":" + port);
            return new ForebayServer(opened, router, containers, held, signer, uri);
        } catch (IOException | RuntimeException e) {
            try {
                opened.close();
            } catch (IOException | RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private static void report(Reconciliation found) {
        Logger log = LoggerFactory.getLogger(ForebayServer.class);
        found.unknown()
                .forEach(id ->
                        log.warn(
                                "container {} has no buffer in the catalogue; it was left alone",
                                id));
        found.missing()
                .forEach(id ->
                        log.warn(
                                "buffer {} is in the catalogue, but its container is missing; stop"
                                        + " the server and put containers/{} back from a backup,"
                                        + " or give the buffer up with 'forebay buffer delete {}'",
                                id,
                                id,
                                id));
    }

    private static void notCompared(Throwable reason) {
        LoggerFactory.getLogger(ForebayServer.class)
                .warn(
                        "the catalogue was not compared with the containers; restart the server to do it",
                        reason);
    }

    private static String bracketed(String host) {
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    private static void addCommon(Router router, Health health) {
        Endpoint healthcheck =
                exchange -> {
                    Optional<String> fault = health.fault();
                    exchange.sendText(fault.isEmpty() ? 200 : 503, fault.orElse("Healthy"));
                };
        router.addUnversioned("GET", "/healthcheck", healthcheck)
                .addUnversioned("HEAD", "/healthcheck", healthcheck)
                .addUnversioned(
                        "GET",
                        "/metadata",
                        exchange ->
                                exchange.sendJson(
                                        200,
                                        new ServiceMetadata(
                                                null,
                                                null,
                                                false,
                                                List.of("LocalBuffers"),
                                                List.of("1.0"),
                                                List.of(exchange.baseUri().toString()))));
    }

    private static Server jetty(ServerConfig config, Router router) {
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setName("http");
        threads.setVirtualThreadsExecutor(
                VirtualThreads.getNamedVirtualThreadsExecutor("request-"));
        Server jetty = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setRequestHeaderSize(LARGEST_HEADERS);
        http.setResponseHeaderSize(LARGEST_HEADERS);
        // Metadata that a request had room for is answered beside headers of our own.
        http.setMaxResponseHeaderSize(2 * LARGEST_HEADERS);
        http.setInputBufferSize(64 << 10);
        http.setUriCompliance(UriCompliance.DEFAULT);
        ServerConnector connector = connector(jetty, threads, new HttpConnectionFactory(http));
        connector.setHost(config.host());
        connector.setPort(config.port());
        connector.setIdleTimeout(IDLE_MILLIS);
        jetty.addConnector(connector);
        HostCheck hosts = new HostCheck(bracketed(config.host()), config.publicUrl());
        jetty.setHandler(new GracefulHandler(new FrontDoor(router, hosts, config.publicUrl())));
        jetty.setErrorHandler(new Unreadable(LARGEST_HEADERS));
        jetty.setStopTimeout(config.grace().toMillis());
        return jetty;
    }

    private static ServerConnector connector(
            Server jetty, QueuedThreadPool threads, HttpConnectionFactory http) {
        return new ServerConnector(jetty, http) {
            @Override
            protected SocketChannelEndPoint newEndPoint(
                    SocketChannel channel, ManagedSelector selector, SelectionKey key) {
                Executor executor = threads.getVirtualThreadsExecutor();
                WatchedEndPoint endPoint =
                        new WatchedEndPoint(channel, selector, key, getScheduler(), executor);
                endPoint.setIdleTimeout(getIdleTimeout());
                return endPoint;
            }
        };
    }

    private static void start(Server jetty, ServerConfig config) throws IOException {
        try {
            jetty.start();
        } catch (IOException e) {
            if (e instanceof BindException || e.getCause() instanceof BindException) {
                throw new IOException(taken(config), e);
            }
            throw e;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server did not start: " + e.getMessage(), e);
        }
    }

    /** Fails as the server would if it cannot listen; a port taken from now on is noticed later. */
    private static void tryPort(ServerConfig config) throws IOException {
        try (ServerSocket _ =
                new ServerSocket(config.port(), 1, InetAddress.getByName(config.host()))) {
            return;
        } catch (BindException e) {
            throw new IOException(taken(config), e);
        }
    }

    private static String taken(ServerConfig config) {
        return "cannot listen on port "
                + config.port()
                + " of "
                + config.host()
                + "; end the program that has it, or choose another port (0: any free one)";
    }

    private static void stop(Server jetty) throws IOException {
        try {
            jetty.stop();
        } catch (TimeoutException e) {
            // Everything is stopped all the same; those that needed longer than the grace were cut.
            LoggerFactory.getLogger(ForebayServer.class)
                    .info("requests that did not end within the grace were cut off");
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("the server did not stop: " + e.getMessage(), e);
        }
    }

    /** Where it listens, without a slash at the end. */
    public URI uri() {
        return uri;
    }

    /** Its routes; for those in the same process. */
    Router router() {
        return router;
    }

    /** Its containers; for those in the same process. */
    ContainerStore containers() {
        return containers;
    }

    /** Its signer; for those in the same process. */
    AccessSigner signer() {
        return signer;
    }

    @Override
    public void close() throws IOException {
        held.release();
        opened.close();
    }
}
