package dev.forebay.server;

import dev.forebay.control.Lifetimes;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What a server is started with.
 *
 * @param data its directory, made with what is missing above it
 * @param host the address to listen on
 * @param port 0 for a free one
 * @param publicUrl where clients find it, if not where it listens
 * @param grace how long requests under way may take when it is closed
 * @param lifetimes how long buffers live that were created without a lifetime
 * @param tls where to listen with TLS too; empty for nowhere
 * @param log what to do with the data log
 * @param runs how to execute runs
 * @param serverLog what it says on standard error
 */
public record ServerConfig(
        Path data,
        String host,
        int port,
        Optional<URI> publicUrl,
        Duration grace,
        Lifetimes lifetimes,
        Optional<TlsConfig> tls,
        LogConfig log,
        RunConfig runs,
        ServerLog serverLog) {
    /** The address unless another is asked for. */
    public static final String DEFAULT_HOST = "127.0.0.1";

    /** The port unless another is asked for. */
    public static final int DEFAULT_PORT = 7720;

    public ServerConfig {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be 0 to 65535, not " + port);
        }
        publicUrl = publicUrl.map(ServerConfig::withSlash);
    }

    /** On loopback, with defaults for the rest. */
    public static ServerConfig of(Path data, int port) {
        return new ServerConfig(
                data,
                DEFAULT_HOST,
                port,
                Optional.empty(),
                Duration.ofSeconds(10),
                Lifetimes.DEFAULT,
                Optional.empty(),
                LogConfig.DEFAULT,
                RunConfig.NONE,
                ServerLog.DEFAULT);
    }

    /**
     * The same, found by clients at {@code other}.
     *
     * @param other {@code http} or {@code https}, with a host
     */
    public ServerConfig withPublicUrl(URI other) {
        return new ServerConfig(
                data, host, port, Optional.of(other), grace, lifetimes, tls, log, runs, serverLog);
    }

    /** The same, listening with plain HTTP on another address of this machine. */
    public ServerConfig withHost(String other) {
        return new ServerConfig(
                data, other, port, publicUrl, grace, lifetimes, tls, log, runs, serverLog);
    }

    public ServerConfig withGrace(Duration other) {
        return new ServerConfig(
                data, host, port, publicUrl, other, lifetimes, tls, log, runs, serverLog);
    }

    public ServerConfig withLifetimes(Lifetimes other) {
        return new ServerConfig(
                data, host, port, publicUrl, grace, other, tls, log, runs, serverLog);
    }

    /** The same, listening with TLS too. */
    public ServerConfig withTls(TlsConfig other) {
        return new ServerConfig(
                data,
                host,
                port,
                publicUrl,
                grace,
                lifetimes,
                Optional.of(other),
                log,
                runs,
                serverLog);
    }

    /** The same, with another way to keep the data log. */
    public ServerConfig withLog(LogConfig other) {
        return new ServerConfig(
                data, host, port, publicUrl, grace, lifetimes, tls, other, runs, serverLog);
    }

    /** The same, executing runs in another way. */
    public ServerConfig withRuns(RunConfig other) {
        return new ServerConfig(
                data, host, port, publicUrl, grace, lifetimes, tls, log, other, serverLog);
    }

    /** The same, saying more, less or otherwise on standard error. */
    public ServerConfig withServerLog(ServerLog other) {
        return new ServerConfig(
                data, host, port, publicUrl, grace, lifetimes, tls, log, runs, other);
    }

    private static URI withSlash(URI url) {
        return url.toString().endsWith("/") ? url : URI.create(url + "/");
    }
}
