package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.forebay.wire.data.BlobHeaders;
import dev.forebay.wire.data.DataErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands before a server and lets every request through but those with an access URL that ended.
 */
final class Gate implements AutoCloseable {
    /** Headers that belong to a connection. */
    private static final Set<String> OF_CONNECTION =
            Set.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "date");

    private final String server;
    private final HttpServer front;
    private final HttpClient back = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Set<String> ended = ConcurrentHashMap.newKeySet();
    private volatile Event event = () -> {};

    /** What happens while a client waits for an answer. */
    interface Event {
        void happen() throws IOException;
    }

    Gate(String server) throws IOException {
        this.server = server;
        this.front =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        front.setExecutor(threads);
        front.createContext("/", this::pass);
        front.start();
    }

    String url() {
        return "http://127.0.0.1:" + front.getAddress().getPort();
    }

    /** Before each request is passed on, this happens. */
    void onRequest(Event what) {
        event = what;
    }

    /** Ends every access URL that was used so far. */
    void endAll() {
        ended.addAll(seen);
    }

    private void pass(HttpExchange exchange) throws IOException {
        try (exchange) {
            event.happen();
            URI uri = exchange.getRequestURI();
            if (uri.getPath().startsWith("/containers/")) {
                seen.add(uri.getRawQuery());
                if (ended.contains(uri.getRawQuery())) {
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders()
                            .add(BlobHeaders.ERROR_CODE, DataErrorCode.AUTHENTICATION_FAILED);
                    exchange.sendResponseHeaders(403, -1);
                    return;
                }
            }
            answer(exchange, forward(exchange, uri));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HttpResponse<byte[]> forward(HttpExchange exchange, URI uri)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + uri));
        exchange.getRequestHeaders()
                .forEach((name, values) -> {
                    if (!OF_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                        values.forEach(value -> request.header(name, value));
                    }
                });
        byte[] body = exchange.getRequestBody().readAllBytes();
        request.method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
        return back.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void answer(HttpExchange exchange, HttpResponse<byte[]> response) throws IOException {
        response.headers()
                .map()
                .forEach((name, values) -> {
                    if (!OF_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                        exchange.getResponseHeaders().put(name, values);
                    }
                });
        byte[] body = response.body();
        if (exchange.getRequestURI().getPath().endsWith("/access")) {
            // The client is to come back through here.
            body = new String(body, UTF_8).replace(server, url()).getBytes(UTF_8);
        }
        if (exchange.getRequestMethod().equals("HEAD")) {
            response.headers()
                    .firstValue("content-length")
                    .ifPresent(
                            length -> exchange.getResponseHeaders().set("Content-Length", length));
        }
        exchange.sendResponseHeaders(response.statusCode(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        front.stop(0);
        back.shutdownNow();
        threads.shutdownNow();
    }
}
