package dev.forebay.client;

import dev.forebay.wire.Headers;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One control plane over HTTP. Each call is one request, on a plain connection of the JDK, which
 * starts ten times faster than its HTTP client; a refusal is a {@link ControlPlaneException} with
 * the server's words. Safe for use by many threads; blocks, at most 10 s for the connection and 60
 * s for an answer.
 */
public final class ControlClient {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int READ_MILLIS = 60_000;
    private static final int LARGEST_ANSWER = 64 << 20;

    private final URI server;

    /** A client of the server at {@code server}, which is {@code http} or {@code https}. */
    public ControlClient(URI server) {
        String text = server.toString();
        this.server = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    /**
     * Makes ready, without connecting, what the first call of a process needs; a program that has
     * other things to do first calls this on another thread meanwhile. Needless, but for time.
     */
    public static void prepare() {
        try {
            byte[] json = PlainJson.write(Map.of("tags", Map.of()));
            PlainJson.readObject(json);
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create("http://127.0.0.1/").toURL().openConnection();
            connection.setRequestMethod("POST");
        } catch (IOException e) {
            throw new AssertionError("nothing is connected here", e);
        }
    }

    /**
     * Asks and returns the body of a good answer.
     *
     * @param pathAndQuery from the root, without the version, which is added
     * @param body sent as JSON, or null for none
     */
    public byte[] call(
            String method,
            String pathAndQuery,
            @Nullable Object body,
            Map<String, String> headers) {
        URI uri =
                URI.create(
                        server
                                + pathAndQuery
                                + (pathAndQuery.contains("?") ? "&" : "?")
                                + "api-version=1.0");
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setConnectTimeout(CONNECT_MILLIS);
            connection.setReadTimeout(READ_MILLIS);
            connection.setRequestMethod(method);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestProperty("Content-Type", "application/json");
            headers.forEach(connection::setRequestProperty);
            if (body != null) {
                byte[] json = PlainJson.write(body);
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(json.length);
                connection.getOutputStream().write(json);
            }
            int status = connection.getResponseCode();
            try (InputStream in =
                    status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                byte[] answer = in == null ? new byte[0] : in.readNBytes(LARGEST_ANSWER);
                if (status < 200 || status > 299) {
                    throw refused(status, answer, connection.getHeaderField(Headers.REQUEST_ID));
                }
                return answer;
            }
        } catch (IOException e) {
            throw new ControlPlaneException(
                    0,
                    "the server at "
                            + server
                            + " does not answer: "
                            + (e instanceof UnknownHostException
                                    ? "the name of the host is not known"
                                    : e.getMessage() + "; is it running?"),
                    e);
        }
    }

    private static ControlPlaneException refused(
            int status, byte[] answer, @Nullable String requestId) {
        String said;
        try {
            said =
                    PlainJson.readObject(answer).get("error") instanceof Map<?, ?> error
                            ? error.get("code") + ": " + error.get("message")
                            : "unexpected status code " + status;
        } catch (WireFormatException e) {
            said = "unexpected status code " + status;
        }
        return new ControlPlaneException(
                status, said + (requestId == null ? "" : " (request " + requestId + ")"), null);
    }
}
