package dev.forebay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.wire.Headers;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Requests of the control plane. Each is one connection of the JDK's old client, which starts ten
 * times faster than its new one.
 */
final class ControlPlane {
    private static final String VERSION = "api-version=1.0";
    private static final String PROXY_AUTHORIZATION = "Proxy-Authorization";
    private static final int LARGEST_ANSWER = 64 << 20;

    /** Bytes of an answer that a message shows. */
    private static final int MOST_SHOWN = 40;

    private final URI server;
    private final TlsTrust trust;
    private final HttpProxy proxy;
    private final Duration connect;
    private final Duration patience;
    private final Consumer<String> tracer;

    ControlPlane(URI server, TlsTrust trust, Duration connect, Duration patience) {
        this(server, trust, HttpProxy.none(), connect, patience, _ -> {});
    }

    private ControlPlane(
            URI server,
            TlsTrust trust,
            HttpProxy proxy,
            Duration connect,
            Duration patience,
            Consumer<String> tracer) {
        this.tracer = tracer;
        this.proxy = proxy;
        this.trust = trust;
        String text = server.toString();
        this.server = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        this.connect = connect;
        this.patience = patience;
    }

    /** The same, which tells of each request with its status. */
    ControlPlane tracing(Consumer<String> other) {
        return new ControlPlane(server, trust, proxy, connect, patience, other);
    }

    /** The same, through another proxy. */
    ControlPlane through(HttpProxy other) {
        return new ControlPlane(server, trust, other, connect, patience, tracer);
    }

    /** What stands before the server, also for the blobs of its buffers. */
    HttpProxy proxy() {
        return proxy;
    }

    /** Which certificates it trusts, also for the blobs of its buffers. */
    TlsTrust trust() {
        return trust;
    }

    static void prepare() {
        try {
            PlainJson.readObject(PlainJson.write(Map.of("tags", Map.of())));
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create("http://127.0.0.1/").toURL().openConnection();
            connection.setRequestMethod("POST");
        } catch (IOException e) {
            throw new AssertionError("nothing is connected here", e);
        }
    }

    /** A request that is answered with an object of JSON. */
    Map<String, Object> object(
            String method, String path, @Nullable Object body, Map<String, String> headers) {
        return object(call(method, path, body, headers, patience));
    }

    /** As {@link #object}, and waits for the answer as long as that takes. */
    Map<String, Object> patientObject(
            String method, String path, @Nullable Object body, Map<String, String> headers) {
        return object(call(method, path, body, headers, Duration.ZERO));
    }

    private Map<String, Object> object(Answer answer) {
        try {
            return PlainJson.readObject(answer.body());
        } catch (WireFormatException e) {
            throw foreign("an object of JSON", beginning(answer.body()), e);
        }
    }

    /** A request that is answered with a bare number. */
    long number(String method, String path) {
        Answer answer = call(method, path, null, Map.of());
        try {
            return Long.parseLong(new String(answer.body(), UTF_8).strip());
        } catch (NumberFormatException e) {
            throw foreign("a number", beginning(answer.body()), e);
        }
    }

    /** A request that is answered with an array of objects of JSON. */
    List<Map<String, Object>> array(String path) {
        Answer answer = call("GET", path, null, Map.of());
        @Nullable Object value;
        try {
            value = PlainJson.read(answer.body());
        } catch (WireFormatException e) {
            throw foreign("an array of JSON", beginning(answer.body()), e);
        }
        if (!(value instanceof List<?> list)) {
            throw foreign("an array of JSON", beginning(answer.body()), null);
        }
        List<Map<String, Object>> items = new ArrayList<>();
        list.forEach(each -> items.add(asObject(each)));
        return items;
    }

    /**
     * A part of a listing.
     *
     * @param next path and query of the next part, empty on the last one
     */
    record Page(List<Map<String, Object>> items, String next) {}

    /** The part of a listing at this path. */
    Page page(String path) {
        Map<String, Object> page = object("GET", path, null, Map.of());
        List<Map<String, Object>> items = new ArrayList<>();
        if (!(page.get("items") instanceof List<?> list)) {
            throw foreign("a list of items", "none", null);
        }
        for (Object each : list) {
            items.add(asObject(each));
        }
        Object link = page.get("nextLink");
        return new Page(items, link instanceof String text ? withoutVersion(text) : "");
    }

    @SuppressWarnings("unchecked") // The names of an object are strings.
    private Map<String, Object> asObject(Object value) {
        if (value instanceof Map<?, ?>) {
            return (Map<String, Object>) value;
        }
        throw foreign("items that are objects", "'" + value + "'", null);
    }

    /** Every request adds the version itself. */
    private static String withoutVersion(String link) {
        return link.replaceAll("([?&])api-version=[^&]*&?", "$1").replaceAll("[?&]$", "");
    }

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Answer(int status, byte[] body) {}

    private Answer call(
            String method, String path, @Nullable Object body, Map<String, String> headers) {
        return call(method, path, body, headers, patience);
    }

    /**
     * @param longest time without a byte; zero: no limit
     */
    private Answer call(
            String method,
            String path,
            @Nullable Object body,
            Map<String, String> headers,
            Duration longest) {
        try {
            HttpURLConnection connection = connection(method, path, longest);
            headers.forEach(connection::setRequestProperty);
            if (body != null) {
                byte[] json = PlainJson.write(body);
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(json.length);
                connection.getOutputStream().write(json);
            }
            int status = accepted(connection);
            try (InputStream in = connection.getInputStream()) {
                return new Answer(status, in.readNBytes(LARGEST_ANSWER));
            }
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    /** A request whose answer is read as it comes, however long that takes; to be closed. */
    InputStream stream(String path) {
        try {
            HttpURLConnection connection = connection("GET", path, Duration.ZERO);
            accepted(connection);
            return connection.getInputStream();
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    /**
     * A connection that is not opened yet.
     *
     * @param longest time without a byte; zero: no limit
     */
    private HttpURLConnection connection(String method, String path, Duration longest)
            throws IOException {
        return connection(
                method,
                URI.create(server + path + (path.contains("?") ? "&" : "?") + VERSION),
                longest);
    }

    /** The same to a path that has no version. */
    HttpURLConnection bare(String method, String path) throws IOException {
        return connection(method, URI.create(server + path), patience);
    }

    /** The same to a URL that this server gave. */
    HttpURLConnection connection(String method, URI uri, Duration longest) throws IOException {
        HttpProxy.@Nullable Hop hop = proxy.to(uri).orElse(null);
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        HttpURLConnection connection =
                (HttpURLConnection)
                        uri.toURL()
                                .openConnection(hop == null || tls ? Proxy.NO_PROXY : javas(hop));
        if (connection instanceof HttpsURLConnection secure) {
            SSLSocketFactory sockets = trust.sockets();
            secure.setSSLSocketFactory(hop == null ? sockets : new TunnelSockets(hop, sockets));
        } else if (hop != null) {
            hop.authorization()
                    .ifPresent(value -> connection.setRequestProperty(PROXY_AUTHORIZATION, value));
        }
        connection.setConnectTimeout(Math.toIntExact(connect.toMillis()));
        connection.setReadTimeout(Math.toIntExact(longest.toMillis()));
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Content-Type", "application/json");
        return connection;
    }

    private static Proxy javas(HttpProxy.Hop hop) {
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(hop.host(), hop.port()));
    }

    /** Waits for the head of the answer, and refuses one that is no success. */
    int accepted(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        String request = connection.getHeaderField(Headers.REQUEST_ID);
        tracer.accept(
                "%s %s: status %d, request %s"
                        .formatted(
                                connection.getRequestMethod(),
                                connection.getURL(),
                                status,
                                request));
        if (status >= 200 && status <= 299) {
            return status;
        }
        Optional<HttpProxy.Hop> hop = proxy.to(server);
        if (status == HttpURLConnection.HTTP_PROXY_AUTH && hop.isPresent()) {
            throw new ControlPlaneException(status, hop.get().stopped("status 407"), null);
        }
        try (InputStream in =
                status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            throw refused(
                    status, in == null ? new byte[0] : in.readNBytes(LARGEST_ANSWER), request);
        }
    }

    /** There was no answer, or it broke off. */
    ControlPlaneException noAnswer(IOException e) {
        return new ControlPlaneException(
                ControlPlaneException.NO_ANSWER,
                "the server at %s does not answer: %s"
                        .formatted(
                                server,
                                proxy.to(server)
                                        .filter(_ -> !(e instanceof SSLException))
                                        .map(hop -> hop.stopped(e.getMessage()))
                                        .orElseGet(() -> reason(e))),
                e);
    }

    /** Why there is no answer, and what to look at. */
    private String reason(IOException e) {
        return switch (e) {
            case UnknownHostException _ ->
                    "the name of the host is not known; check the URL and the network";
            case ConnectException _ -> e.getMessage() + "; is it running?";
            case SocketTimeoutException _ ->
                    "%s after %d s; is it a Forebay server, and is it running?"
                            .formatted(e.getMessage(), patience.toSeconds());
            case SSLHandshakeException _ ->
                    "%s; does it speak TLS on that port, and is its authority trusted? --tls-certificates names what 'forebay log trust --pem' prints"
                            .formatted(e.getMessage());
            case SSLException _ ->
                    "expected TLS, found none on that port; try http://%s"
                            .formatted(server.getRawAuthority());
            default ->
                    "%s; is it a Forebay server, and does it speak %s on that port?"
                            .formatted(e.getMessage(), server.getScheme());
        };
    }

    /** Something else answered than a server of this protocol. */
    ControlPlaneException foreign(String expected, String found, @Nullable Exception cause) {
        return new ControlPlaneException(
                200,
                "what answers at %s is not a Forebay server: expected %s, found %s; check the URL"
                        .formatted(server, expected, found),
                cause);
    }

    private static String beginning(byte[] answer) {
        if (answer.length == 0) {
            return "nothing";
        }
        String text = new String(answer, 0, Math.min(answer.length, MOST_SHOWN), UTF_8);
        return "'" + text.strip() + (answer.length > MOST_SHOWN ? "...'" : "'");
    }

    private ControlPlaneException refused(int status, byte[] answer, @Nullable String requestId) {
        String request = requestId == null ? "" : " (request " + requestId + ")";
        try {
            if (PlainJson.readObject(answer).get("error") instanceof Map<?, ?> error) {
                String said = error.get("code") + ": " + error.get("message");
                return ControlPlaneException.refusal(status, said + request);
            }
            return unexplained(status, request, null);
        } catch (WireFormatException e) {
            return unexplained(status, request, e);
        }
    }

    private ControlPlaneException unexplained(
            int status, String request, @Nullable Exception cause) {
        return new ControlPlaneException(
                status,
                "unexpected status code %d, without a reason, from %s%s; is it a Forebay server?"
                        .formatted(status, server, request),
                cause);
    }
}
