package dev.forebay.blobhttp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.forebay.base.Durability;
import dev.forebay.blob.BlobInfo;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.PutResult;
import dev.forebay.blob.SmallBlob;
import dev.forebay.blob.Wait;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.data.BatchBody;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpConnectTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A data plane as the reference's, over a container in memory, on loopback. A test may answer in
 * its place.
 */
final class DataPlane implements AutoCloseable {
    /** Answers a request, or returns false to leave it to the plane. */
    interface Interference {
        boolean answers(HttpExchange exchange) throws IOException;
    }

    static final BlobName NAME = new BlobName("00/000");
    static final String SECRET = "?sv=0.1.0&sig=a%2Bb%3D";

    private static final BlobName END = new BlobName(".bufferend");

    /** Moves for nobody, so a get that waits is ended by a blob alone. */
    final ManualClock clock = new ManualClock();

    final MemoryContainer container = new MemoryContainer(clock);
    final List<String> requests = new CopyOnWriteArrayList<>();
    volatile Interference interference = exchange -> false;
    volatile @Nullable Durability durability = Durability.SYNCED;
    volatile boolean waits = true;

    /** What a 201 says of batches; empty: nothing. */
    volatile String batch = "";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    DataPlane() {
        try {
            server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/containers/abc", this::handle);
        server.start();
    }

    AccessUrl url(String query) {
        return new AccessUrl("http://127.0.0.1:" + port() + "/containers/abc" + query);
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** With a URL that is never renewed. */
    HttpContainer container() {
        return new HttpContainer(AccessUrlSource.fixed(url(SECRET)));
    }

    /** How a call fails, without telling the secret. */
    static Fault faultOf(Runnable call) {
        try {
            call.run();
        } catch (ContainerException e) {
            assertThat(e).hasMessageNotContaining("a%2Bb");
            return e.fault();
        }
        throw new AssertionError("it did not fail");
    }

    /**
     * The same of a call with little time, which is made again if the time was over before there
     * was a connection: that says nothing of the other side.
     */
    static Fault faultOnceConnected(Runnable call) {
        while (true) {
            try {
                call.run();
                throw new AssertionError("it did not fail");
            } catch (ContainerException e) {
                assertThat(e).hasMessageNotContaining("a%2Bb");
                if (!(e.getCause() instanceof HttpConnectTimeoutException)) {
                    return e.fault();
                }
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        try (exchange) {
            if (interference.answers(exchange)) {
                return;
            }
            if (exchange.getRequestMethod().equals("POST")) {
                putAll(exchange);
                return;
            }
            BlobName name =
                    new BlobName(
                            exchange.getRequestURI()
                                    .getPath()
                                    .substring("/containers/abc/".length()));
            switch (exchange.getRequestMethod()) {
                case "PUT" -> put(exchange, name);
                case "HEAD" -> head(exchange, name);
                default -> get(exchange, name);
            }
        }
    }

    static void refuse(HttpExchange exchange, int status, String code, String body)
            throws IOException {
        exchange.getRequestBody().readAllBytes();
        if (!code.isEmpty()) {
            // An odd case on purpose: names are compared without it.
            exchange.getResponseHeaders().set("X-MS-Error-Code", code);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        boolean none = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
        if (!none) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private void put(HttpExchange exchange, BlobName name) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        Map<String, String> metadata = new HashMap<>();
        exchange.getRequestHeaders()
                .forEach((header, values) -> {
                    String key = header.toLowerCase(Locale.ROOT);
                    if (key.startsWith("x-ms-meta-")) {
                        metadata.put(key.substring(10), values.getFirst());
                    }
                });
        Md5 md5 = new Md5(exchange.getRequestHeaders().getFirst("Content-MD5"));
        boolean wellFormed =
                "*".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))
                        && "BlockBlob"
                                .equals(exchange.getRequestHeaders().getFirst("x-ms-blob-type"))
                        && "2021-08-06"
                                .equals(exchange.getRequestHeaders().getFirst("x-ms-version"));
        if (!wellFormed) {
            refuse(exchange, 400, "BadTestRequest", "a header is missing");
            return;
        }
        Durability given = durability;
        if (given != null) {
            exchange.getResponseHeaders().set("Forebay-Durability", given.word());
        }
        switch (container.put(name, ByteBuffer.wrap(body), md5, metadata)) {
            case PutResult.Created _ -> {
                if (!batch.isEmpty()) {
                    exchange.getResponseHeaders().set("Forebay-Batch", batch);
                }
                exchange.sendResponseHeaders(201, -1);
            }
            case PutResult.Exists _ -> refuse(exchange, 403, "UnauthorizedBlobOverwrite", "");
            case PutResult.DigestMismatch _ -> refuse(exchange, 400, "Md5Mismatch", "");
        }
    }

    private void putAll(HttpExchange exchange) throws IOException {
        assertThat(exchange.getRequestHeaders().getFirst("Content-Type"))
                .isEqualTo("application/vnd.forebay.batch");
        ByteBuffer body = ByteBuffer.wrap(exchange.getRequestBody().readAllBytes());
        StringBuilder lines = new StringBuilder();
        for (BatchBody.Blob blob : BatchBody.decode(body, SmallBlob.MOST)) {
            lines.append(
                    switch (container.put(
                            new BlobName(blob.name()),
                            blob.body(),
                            new Md5(blob.md5()),
                            blob.metadata())) {
                        case PutResult.Created _ -> "created\n";
                        case PutResult.Exists _ -> "exists\n";
                        case PutResult.DigestMismatch _ -> "digest-mismatch\n";
                    });
        }
        exchange.getResponseHeaders().set("Forebay-Durability", Durability.SYNCED.word());
        exchange.getResponseHeaders().set("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
        refuse(exchange, 200, "", lines.toString());
    }

    private static void describe(HttpExchange exchange, BlobInfo info) {
        exchange.getResponseHeaders().set("CONTENT-MD5", info.md5().base64());
        info.metadata()
                .forEach((key, value) ->
                        exchange.getResponseHeaders().set("x-ms-meta-" + key, value));
    }

    private void head(HttpExchange exchange, BlobName name) throws IOException {
        Optional<BlobInfo> info = container.head(name);
        if (info.isEmpty()) {
            refuse(exchange, 404, "BlobNotFound", "");
            return;
        }
        describe(exchange, info.get());
        exchange.getResponseHeaders().set("Content-Length", Long.toString(info.get().size()));
        exchange.sendResponseHeaders(200, -1);
    }

    private void get(HttpExchange exchange, BlobName name) throws IOException {
        String prefer = exchange.getRequestHeaders().getFirst("Prefer");
        boolean waiting = waits && prefer != null;
        Wait wait = waiting ? Wait.upTo(Duration.ofSeconds(20), END) : Wait.NONE;
        if (waiting) {
            exchange.getResponseHeaders().set("Preference-Applied", prefer);
        }
        switch (container.get(name, wait)) {
            case Lookup.Absent _ -> refuse(exchange, 404, "BlobNotFound", "");
            case Lookup.Found(OpenBlob blob) -> {
                describe(exchange, blob.info());
                byte[] body = container.body(name);
                exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                if (body.length > 0) {
                    exchange.getResponseBody().write(body);
                }
            }
        }
    }
}
