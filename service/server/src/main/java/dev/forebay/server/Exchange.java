package dev.forebay.server;

import dev.forebay.wire.Headers;
import dev.forebay.wire.Json;
import dev.forebay.wire.WireFormatException;
import dev.forebay.wire.control.ControlErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Blocker;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, whatever version of HTTP carries it. For the thread of its endpoint;
 * reading and writing block it, no longer than the idle timeout without progress. The body may be
 * read while the answer is written.
 */
final class Exchange {
    /** The largest JSON body. */
    private static final long LARGEST_JSON = 1 << 20;

    /** Bytes of a body that are read at once by {@link #readLargeChunks}. */
    static final int LARGE_PIECE = 256 << 10;

    /** The content type of JSON bodies. */
    static final String JSON = "application/json; charset=utf-8";

    /** The content type of bodies in plain text. */
    static final String TEXT = "text/plain; charset=utf-8";

    private final Request request;
    private final Response response;
    private final RequestTarget target;
    private final Optional<URI> publicUrl;
    private final Map<String, String> parameters;

    /** Sets the value of the header that was announced. */
    private @Nullable Consumer<String> trailer;

    /** A request without a route yet. */
    Exchange(Request request, Response response, Optional<URI> publicUrl) {
        this(request, response, new RequestTarget("/", false, Map.of()), publicUrl, Map.of());
    }

    private Exchange(
            Request request,
            Response response,
            RequestTarget target,
            Optional<URI> publicUrl,
            Map<String, String> parameters) {
        this.request = request;
        this.response = response;
        this.target = target;
        this.publicUrl = publicUrl;
        this.parameters = parameters;
    }

    /** The same request with its route. */
    Exchange at(RequestTarget found, Map<String, String> taken) {
        return new Exchange(request, response, found, publicUrl, taken);
    }

    /** Method and path, for the log. */
    String name() {
        return request.getMethod() + " " + request.getHttpURI().getPath();
    }

    boolean isHead() {
        return request.getMethod().equals("HEAD");
    }

    String requestId() {
        return String.valueOf(response.getHeaders().get(Headers.REQUEST_ID));
    }

    /** What the route's pattern took under this name, decoded. */
    String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no parameter " + name);
        }
        return value;
    }

    /** The decoded query, its names compared without case. */
    Map<String, List<String>> query() {
        return target.query();
    }

    /** The first value of a query parameter. */
    Optional<String> query(String name) {
        return Optional.ofNullable(target.query().get(name)).map(List::getFirst);
    }

    @Nullable String header(String name) {
        return request.getHeaders().get(name);
    }

    /** The values of all headers of that name, each once; null if there is none. */
    @Nullable String distinct(String name) {
        List<String> values = request.getHeaders().getValuesList(name);
        return values.isEmpty() ? null : String.join(", ", new LinkedHashSet<>(values));
    }

    /** All headers whose name begins with {@code prefix}, in lower case and without it. */
    Map<String, String> headersBelow(String prefix) {
        Map<String, String> found = new java.util.TreeMap<>();
        for (HttpField field : request.getHeaders()) {
            String name = field.getName().toLowerCase(Locale.ROOT);
            if (name.startsWith(prefix) && name.length() > prefix.length()) {
                found.merge(
                        name.substring(prefix.length()),
                        Optional.ofNullable(field.getValue()).orElse(""),
                        (one, other) -> one + ", " + other);
            }
        }
        return found;
    }

    /** The address of the client. */
    String client() {
        return Request.getRemoteAddr(request);
    }

    /** The announced length of the body, or -1. */
    long contentLength() {
        return request.getLength();
    }

    /**
     * The address of this server for this client, with a slash at the end: the public URL, or the
     * listener that was asked.
     */
    URI baseUri() {
        return publicUrl.orElseGet(() -> {
            HttpURI asked = request.getHttpURI();
            // A target may be a whole URL, as from a proxy that ends TLS, and of any scheme.
            boolean secure =
                    request.getConnectionMetaData().isSecure()
                            || "https".equalsIgnoreCase(asked.getScheme());
            return URI.create((secure ? "https://" : "http://") + asked.getAuthority() + "/");
        });
    }

    /** Feeds the body to {@code sink} piece by piece, without a copy. */
    void readBody(long limit, Consumer<ByteBuffer> sink) throws IOException {
        readChunks(limit, chunk -> sink.accept(chunk.getByteBuffer()));
    }

    /** Feeds the body to {@code sink}, which may retain chunks. */
    void readChunks(long limit, Consumer<Content.Chunk> sink) throws IOException {
        long sum = 0;
        while (true) {
            Content.Chunk chunk = nextChunk(sum);
            try {
                sum += chunk.remaining();
                if (sum > limit) {
                    throw Refusal.tooLarge(limit);
                }
                sink.accept(chunk);
            } finally {
                chunk.release();
            }
            if (chunk.isLast()) {
                return;
            }
        }
    }

    /**
     * The same with chunks of up to {@link #LARGE_PIECE} bytes, for a caller that has memory for
     * them: a large body takes a quarter of the calls then. Over TLS a record is the most that
     * comes at once.
     */
    void readLargeChunks(long limit, Consumer<Content.Chunk> sink) throws IOException {
        if (request.getConnectionMetaData().getConnection() instanceof AbstractConnection connection
                && connection.getEndPoint() instanceof WatchedEndPoint) {
            int usual = connection.getInputBufferSize();
            connection.setInputBufferSize(LARGE_PIECE);
            try {
                readChunks(limit, sink);
            } finally {
                connection.setInputBufferSize(usual);
            }
        } else {
            readChunks(limit, sink);
        }
    }

    /** Takes pieces of a body. */
    @FunctionalInterface
    interface Sink {
        /** Consumes the piece, which is valid during the call only. */
        void take(ByteBuffer piece) throws IOException, InterruptedException;
    }

    /** Feeds the body to {@code sink}, however long it is and however long it pauses. */
    void readSlowly(Sink sink) throws IOException, InterruptedException {
        long sum = 0;
        boolean more = true;
        while (more) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                try (Blocker.Runnable some = Blocker.runnable()) {
                    request.demand(some);
                    some.block();
                }
            } else if (Content.Chunk.isFailure(chunk)) {
                // The idle timeout of the connection ends one read, not the body.
                if (chunk.isLast() || !(chunk.getFailure() instanceof TimeoutException)) {
                    throw new IOException(
                            "the body broke off after " + sum + " bytes", chunk.getFailure());
                }
            } else {
                try {
                    sum += chunk.remaining();
                    sink.take(chunk.getByteBuffer());
                } finally {
                    chunk.release();
                }
                more = !chunk.isLast();
            }
        }
    }

    /** Waits for the next chunk of the body, behind {@code sum} bytes. */
    private Content.Chunk nextChunk(long sum) throws IOException {
        Content.Chunk chunk = request.read();
        while (chunk == null) {
            try (Blocker.Runnable more = Blocker.runnable()) {
                request.demand(more);
                more.block();
            }
            chunk = request.read();
        }
        if (Content.Chunk.isFailure(chunk)) {
            throw new IOException("the body broke off after " + sum + " bytes", chunk.getFailure());
        }
        return chunk;
    }

    /** Whether the client takes a body that says itself where it ends, so that a cut one shows. */
    boolean mayEndShort() {
        return request.getConnectionMetaData().getHttpVersion().getVersion()
                >= HttpVersion.HTTP_1_1.getVersion();
    }

    /**
     * Has the body sent in chunks, where it would end with the connection. To be called before the
     * first byte of an answer whose length is not known.
     */
    Exchange chunked() {
        // HTTP/2 ends a body by itself, and has no such header.
        return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
                ? with("Transfer-Encoding", "chunked")
                : this;
    }

    /** Whether the client reads what comes behind a body, by its own word. */
    boolean takesTrailers() {
        return request.getHeaders().contains(HttpHeader.TE, "trailers");
    }

    /**
     * Announces a header that {@link #endWithTrailer} may send. To be called before the first byte
     * of the answer.
     */
    Exchange withTrailer(String name) {
        HttpFields.Mutable fields = HttpFields.build();
        trailer = value -> fields.put(name, value);
        response.setTrailersSupplier(() -> fields);
        return with("Trailer", name);
    }

    /** Ends the body of an answer with the header that was announced. */
    void endWithTrailer(String value) throws IOException {
        Objects.requireNonNull(trailer, "no trailer was announced").accept(value);
        write(true, null);
    }

    /**
     * Whether more of the body comes while its chunks are retained. HTTP/2 counts what was not
     * released against the window of its connection.
     */
    boolean mayRetainChunks() {
        return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1;
    }

    /**
     * Reads and drops the rest of a body, up to {@code limit}, so that the client sees the answer.
     */
    void drain(long limit) throws IOException {
        boolean waitsForLeave = request.getHeaders().contains(HttpHeader.EXPECT);
        if (waitsForLeave || contentLength() > limit) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            return;
        }
        readBody(limit, piece -> piece.position(piece.limit()));
    }

    /**
     * Answers at once, for the last time on this connection, and then reads and drops what still
     * comes of the body, up to {@code limit}. Closing under bytes that were not read would reset
     * the connection, and take the answer from a client that first sends and then reads.
     */
    void sendAndLinger(ErrorAnswer answer, long limit) throws IOException {
        send(answer.with("Connection", "close"));
        if (request.getHeaders().contains(HttpHeader.EXPECT)) {
            return;
        }
        boolean more = true;
        for (long sum = 0; more && sum <= limit; ) {
            Content.Chunk chunk = nextChunk(sum);
            sum += chunk.remaining();
            more = !chunk.isLast();
            chunk.release();
        }
    }

    /**
     * Reads the body as JSON.
     *
     * @throws Refusal if it is not announced as {@code application/json}, too large, empty or not
     *     this type
     */
    <T> T json(Class<T> type) throws IOException {
        String announced = Optional.ofNullable(header("Content-Type")).orElse("");
        if (!announced
                .toLowerCase(Locale.ROOT)
                .split(";", 2)[0]
                .strip()
                .equals("application/json")) {
            throw new Refusal(
                    415,
                    ControlErrorCode.BAD_REQUEST,
                    "expected Content-Type application/json, found '" + announced + "'");
        }
        if (contentLength() > LARGEST_JSON) {
            throw Refusal.tooLarge(LARGEST_JSON);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        readBody(
                LARGEST_JSON,
                piece -> {
                    byte[] bytes = new byte[piece.remaining()];
                    piece.get(bytes);
                    body.writeBytes(bytes);
                });
        if (body.size() == 0) {
            throw Refusal.badRequest("expected a body of JSON, found none");
        }
        try {
            return Json.read(body.toByteArray(), type);
        } catch (WireFormatException e) {
            throw Refusal.invalidInput("Error deserializing input: " + e.getMessage());
        }
    }

    /** Sets a header of the answer, before it is sent. */
    Exchange with(String name, String value) {
        response.getHeaders().put(name, value);
        return this;
    }

    /** Answers without a body. */
    void send(int status) throws IOException {
        response.setStatus(status);
        write(true, null);
    }

    /** Answers with JSON. */
    void sendJson(int status, Object body) throws IOException {
        sendBody(status, JSON, Json.write(body));
    }

    void sendText(int status, String body) throws IOException {
        sendBody(status, TEXT, body.getBytes(StandardCharsets.UTF_8));
    }

    void sendBytes(int status, String type, byte[] body) throws IOException {
        sendBody(status, type, body);
    }

    private void sendBody(int status, String type, byte[] body) throws IOException {
        response.setStatus(status);
        with("Content-Type", type).with("Content-Length", Integer.toString(body.length));
        write(true, isHead() ? null : ByteBuffer.wrap(body));
    }

    /** Answers with an error. */
    void send(ErrorAnswer answer) throws IOException {
        answer.headers().forEach(this::with);
        byte[] body = answer.body();
        if (body.length == 0) {
            send(answer.status());
        } else {
            sendBody(answer.status(), answer.contentType(), body);
        }
    }

    /** Forgets the status and the headers of an answer that is not given after all. */
    void startOver() {
        String id = requestId();
        response.reset();
        with(Headers.REQUEST_ID, id);
    }

    void setStatus(int status) {
        response.setStatus(status);
    }

    /** Sends a part of the body and waits until it is on its way. */
    void write(boolean last, @Nullable ByteBuffer part) throws IOException {
        try (Blocker.Callback done = Blocker.callback()) {
            response.write(last, part, done);
            done.block();
        }
    }

    /**
     * Has {@code action} run once, by another thread, if the client goes away before the watch is
     * closed: over HTTP/1.1 it closes the connection, over HTTP/2 it resets the stream or closes
     * the connection.
     *
     * <p><b>Limit.</b> Over HTTP/1.1, TLS or not, a client that has sent more than {@link
     * WatchedEndPoint#MOST_KEPT} bytes behind this request is not seen to leave.
     */
    ClientWatch onClientGone(Runnable action) {
        return ClientWatch.begin(request, action);
    }

    boolean isCommitted() {
        return response.isCommitted();
    }

    org.eclipse.jetty.io.ByteBufferPool buffers() {
        return request.getComponents().getByteBufferPool();
    }
}
