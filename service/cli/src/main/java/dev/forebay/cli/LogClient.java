package dev.forebay.cli;

import dev.forebay.blobhttp.HttpProxy;
import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.client.ForebayClient;
import dev.forebay.wire.Headers;
import dev.forebay.wire.PlainJson;
import dev.forebay.wire.WireFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The log of a running server, for one user. It logs in when it is made; the password is kept no
 * longer. For one thread. Blocks for the server.
 */
final class LogClient {
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** A server that says nothing for so long has gone. */
    private static final Duration ANSWER = Duration.ofMinutes(2);

    private final URI server;
    private final HttpProxy proxy;
    private final ForebayClient client;
    private final String token;

    /**
     * Logs in.
     *
     * @param trust whose certificates are trusted with https
     * @param proxy what stands before the server
     */
    LogClient(URI server, TlsTrust trust, HttpProxy proxy, String user, String password)
            throws IOException {
        demandSecrecy(server, proxy);
        this.server = server;
        this.proxy = proxy;
        client = client(server, trust, proxy);
        Map<String, Object> answer =
                object(
                        send(
                                "POST",
                                "login",
                                PlainJson.write(Map.of("user", user, "password", password)),
                                "application/json",
                                ""));
        if (!(answer.get("token") instanceof String given)) {
            throw foreign("it gave no token", null);
        }
        token = given;
    }

    private static ForebayClient client(URI server, TlsTrust trust, HttpProxy proxy) {
        return new ForebayClient(server, trust, CONNECT, ANSWER).through(proxy);
    }

    /** Without TLS, the password may not leave this machine, to the server or to a proxy. */
    private static void demandSecrecy(URI server, HttpProxy proxy) {
        if (!"http".equals(server.getScheme())) {
            return;
        }
        Optional<HttpProxy.Hop> hop = proxy.to(server);
        if (hop.isPresent() && !isLoopback(hop.get().host())) {
            throw new IllegalArgumentException(
                    "the password would go to the proxy %s unencrypted, for everyone on the way to read; name an https server, or say --proxy none"
                            .formatted(hop.get()));
        }
        if (!isLoopback(server.getHost())) {
            throw new IllegalArgumentException(
                    "the password would go to %s unencrypted, for everyone on the way to read; name https://%s with the port of --tls-port, and --tls-certificates"
                            .formatted(server, server.getHost()));
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** The log for a user who has logged in elsewhere. */
    LogClient(URI server, TlsTrust trust, String token) {
        this.server = server;
        this.proxy = HttpProxy.none();
        this.client = client(server, trust, proxy);
        this.token = token;
    }

    /** The server is not there, or not ready; it may be later. */
    static final class SilentServerException extends IOException {
        private static final long serialVersionUID = 1;

        SilentServerException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The answer to a GET, an object or an array. */
    Object get(String path) throws IOException {
        Object answer = PlainJson.read(send("GET", path, new byte[0], "", token));
        if (answer == null) {
            throw new IOException(server + " answered null; expected an object or an array");
        }
        return answer;
    }

    Map<String, Object> post(String path, byte[] body, String type) throws IOException {
        return object(send("POST", path, body, type, token));
    }

    Map<String, Object> delete(String path) throws IOException {
        return object(send("DELETE", path, new byte[0], "", token));
    }

    private Map<String, Object> object(byte[] answer) throws IOException {
        try {
            return PlainJson.readObject(answer);
        } catch (WireFormatException e) {
            throw foreign("expected an object of JSON, found something else", e);
        }
    }

    private IOException foreign(String why, @Nullable Exception cause) {
        return new IOException(
                "what answers at %s is not a Forebay server: %s; check the URL"
                        .formatted(server, why),
                cause);
    }

    /** The bytes of a download as they come; empty if nothing fits. */
    Optional<InputStream> download(String query) throws IOException {
        HttpURLConnection connection = open("GET", "download" + query, token);
        int status = status(connection);
        if (status == HttpURLConnection.HTTP_NO_CONTENT) {
            return Optional.empty();
        }
        demandSuccess(connection, status);
        return Optional.of(connection.getInputStream());
    }

    private byte[] send(String method, String path, byte[] body, String type, String bearer)
            throws IOException {
        HttpURLConnection connection = open(method, path, bearer);
        if (method.equals("POST")) {
            connection.setRequestProperty("Content-Type", type);
            connection.setDoOutput(true);
            try (OutputStream out = connection.getOutputStream()) {
                out.write(body);
            } catch (IOException e) {
                throw noAnswer(e);
            }
        }
        demandSuccess(connection, status(connection));
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    private int status(HttpURLConnection connection) throws IOException {
        try {
            int status = connection.getResponseCode();
            if (status < 0) {
                throw new ProtocolException("expected an answer of HTTP, found something else");
            }
            return status;
        } catch (IOException e) {
            throw noAnswer(e);
        }
    }

    private IOException noAnswer(IOException e) {
        String said = String.valueOf(client.noAnswer(e).getMessage());
        boolean later =
                e instanceof SocketException
                        || proxy.to(server).isPresent() && !(e instanceof SSLException);
        return later ? new SilentServerException(said, e) : new IOException(said, e);
    }

    private HttpURLConnection open(String method, String path, String bearer) throws IOException {
        HttpURLConnection connection = client.connection(method, "/log/v1/" + path);
        if (!bearer.isEmpty()) {
            connection.setRequestProperty("Authorization", "Bearer " + bearer);
        }
        return connection;
    }

    private void demandSuccess(HttpURLConnection connection, int status) throws IOException {
        if (status / 100 == 2) {
            return;
        }
        try (InputStream body = connection.getErrorStream()) {
            String said =
                    body == null
                            ? ""
                            : new String(body.readNBytes(2000), StandardCharsets.UTF_8).strip();
            Optional<HttpProxy.Hop> hop = proxy.to(server);
            if (status == HttpURLConnection.HTTP_PROXY_AUTH && hop.isPresent()) {
                throw new IOException(hop.get().stopped("status 407"));
            }
            // The server gives its reason in one line of text.
            boolean reason =
                    connection.getHeaderField(Headers.REQUEST_ID) != null
                            && !said.isEmpty()
                            && said.lines().count() == 1;
            String message =
                    "%s answered %d%s"
                            .formatted(
                                    server,
                                    status,
                                    reason
                                            ? ": " + said
                                            : " without a reason; is it a Forebay server?");
            throw status == HttpURLConnection.HTTP_UNAVAILABLE
                    ? new SilentServerException(message, null)
                    : new IOException(message);
        }
    }
}
