package dev.forebay.bench.streams;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Passes requests for blobs on to a server and spoils them by a seed: each kind of fault comes to
 * one request in twenty that can have it. What it injects it counts. Access URLs that have expired
 * are refused to one request at a time, and taken from the others.
 */
final class FaultyProxy implements AutoCloseable {
    /** What happens to a request. */
    enum Kind {
        HUNG_UP,
        STATUS_429,
        STATUS_500,
        STATUS_503,
        CUT_BODY,
        SLOW_BODY,
        WRONG_DIGEST,
        EXPIRED_URL
    }

    private static final int ONE_IN = 20;
    private static final Set<String> OWN_HEADERS =
            Set.of("host", "connection", "content-length", "transfer-encoding", "date");

    private final URI server;
    private final Duration stall;
    private final HttpServer listener;
    private final HttpClient client = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Held while the three fields below are used. The rows are compiled against other builds, where
     * no annotation says so.
     */
    private final Object lock = new Object();

    private final Random random;
    private final Map<Kind, Long> injected = new EnumMap<>(Kind.class);

    /** The paths whose last request was refused for its URL. */
    private final Set<String> refused = new HashSet<>();

    private FaultyProxy(URI server, long seed, Duration stall) throws IOException {
        this.server = server;
        this.random = new Random(seed);
        this.stall = stall;
        listener =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    }

    /** Before {@code server}; a slow body stands still for {@code stall}. */
    static FaultyProxy start(URI server, long seed, Duration stall) throws IOException {
        FaultyProxy proxy = new FaultyProxy(server, seed, stall);
        proxy.listener.setExecutor(proxy.threads);
        proxy.listener.createContext("/", proxy::take);
        proxy.listener.start();
        return proxy;
    }

    /** The same path and query of the server, through this proxy. */
    String through(URI target) {
        return "http://127.0.0.1:%d%s?%s"
                .formatted(
                        listener.getAddress().getPort(), target.getRawPath(), target.getRawQuery());
    }

    long injected(Kind kind) {
        synchronized (lock) {
            return injected.getOrDefault(kind, 0L);
        }
    }

    /** Counts a fault; always true. */
    private boolean strikes(Kind kind) {
        synchronized (lock) {
            return injected.merge(kind, 1L, Long::sum) > 0;
        }
    }

    /** What is to happen to a request; null if nothing. */
    private @Nullable Kind drawn(String method, String path) {
        synchronized (lock) {
            int draw = random.nextInt(ONE_IN);
            // A client that was refused comes back at once with another URL, which is good.
            boolean comesBack = refused.remove(path);
            Kind kind = draw < Kind.values().length ? Kind.values()[draw] : null;
            return switch (kind) {
                case CUT_BODY, SLOW_BODY -> method.equals("GET") ? kind : null;
                // The middle of a request for several blobs may be a name, which has no digest.
                case WRONG_DIGEST -> Set.of("HEAD", "POST").contains(method) ? null : kind;
                case EXPIRED_URL -> comesBack || !refused.add(path) ? null : kind;
                case null, default -> kind;
            };
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Kind kind = drawn(exchange.getRequestMethod(), exchange.getRequestURI().getRawPath());
            if (kind == Kind.WRONG_DIGEST && body.length > 0 && strikes(kind)) {
                body[body.length / 2] ^= 1;
            }
            switch (kind) {
                case STATUS_429 -> refuse(exchange, kind, 429, "ServerBusy");
                case STATUS_500 -> refuse(exchange, kind, 500, "InternalError");
                case STATUS_503 -> refuse(exchange, kind, 503, "ServerBusy");
                case EXPIRED_URL -> refuse(exchange, kind, 403, "AuthenticationFailed");
                case null, default -> answer(exchange, passOn(exchange, body), kind);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the proxy is stopped", e);
        }
    }

    private void refuse(HttpExchange exchange, Kind kind, int status, String code)
            throws IOException {
        boolean _ = strikes(kind);
        exchange.getResponseHeaders().set("x-ms-error-code", code);
        exchange.sendResponseHeaders(status, -1);
    }

    private HttpResponse<byte[]> passOn(HttpExchange exchange, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(server.resolve(exchange.getRequestURI().toString()))
                        .method(
                                exchange.getRequestMethod(),
                                Set.of("PUT", "POST").contains(exchange.getRequestMethod())
                                        ? HttpRequest.BodyPublishers.ofByteArray(body)
                                        : HttpRequest.BodyPublishers.noBody());
        exchange.getRequestHeaders()
                .forEach((name, values) -> {
                    if (!OWN_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                        values.forEach(value -> request.header(name, value));
                    }
                });
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Answers as the server did, but for the fault. */
    private void answer(HttpExchange exchange, HttpResponse<byte[]> answer, @Nullable Kind kind)
            throws IOException, InterruptedException {
        if (kind == Kind.HUNG_UP && strikes(kind)) {
            return; // The server has done its part, and the client does not learn of it.
        }
        byte[] body = answer.body();
        boolean head = exchange.getRequestMethod().equals("HEAD");
        answer.headers()
                .map()
                .forEach((name, values) -> {
                    if (head && name.equals("content-length") || !OWN_HEADERS.contains(name)) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
        boolean hasBody = answer.statusCode() == 200 && body.length > 1;
        if (hasBody && kind == Kind.WRONG_DIGEST && strikes(kind)) {
            body[body.length / 2] ^= 1;
        }
        exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
        int first = body.length;
        if (hasBody && (kind == Kind.CUT_BODY || kind == Kind.SLOW_BODY) && strikes(kind)) {
            first = body.length / 2;
        }
        if (body.length > 0) {
            exchange.getResponseBody().write(body, 0, first);
            exchange.getResponseBody().flush();
        }
        if (first < body.length && kind == Kind.SLOW_BODY) {
            Thread.sleep(stall);
        }
    }

    @Override
    public void close() {
        listener.stop(0);
        threads.shutdownNow();
        threads.close();
        client.shutdownNow();
    }
}
