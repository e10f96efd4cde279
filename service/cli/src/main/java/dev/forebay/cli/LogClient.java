package dev.forebay.cli;

import dev.forebay.blobhttp.TlsTrust;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import org.jspecify.annotations.Nullable;

/**
 * The log of a running server, for one user. It logs in when it is made; the password is kept no
 * longer. For one thread. Blocks for the server.
 */
final class LogClient {
    private static final int CONNECT_MILLIS = 10_000;

    /** A server that says nothing for so long has gone. */
    private static final int READ_MILLIS = 120_000;

    private final URI server;
    private final TlsTrust trust;
    private final String token;

    /**
     * Logs in.
     *
     * @param trust whose certificates are trusted with https
     */
    LogClient(URI server, TlsTrust trust, String user, String password) throws IOException {
        demandSecrecy(server);
        this.server = server;
        this.trust = trust;
        Map<String, Object> answer =
                PlainJson.readObject(
                        send(
                                "POST",
                                "login",
                                PlainJson.write(Map.of("user", user, "password", password)),
                                "application/json",
                                ""));
        token = String.valueOf(answer.get("token"));
    }

    /** Without TLS, who is on the way reads the password; nobody is on the way on loopback. */
    private static void demandSecrecy(URI server) {
        if ("http".equals(server.getScheme()) && !isLoopback(server.getHost())) {
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
        this.trust = trust;
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
        return PlainJson.readObject(send("POST", path, body, type, token));
    }

    Map<String, Object> delete(String path) throws IOException {
        return PlainJson.readObject(send("DELETE", path, new byte[0], "", token));
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
        try {
            if (method.equals("POST")) {
                connection.setRequestProperty("Content-Type", type);
                connection.setDoOutput(true);
                try (OutputStream out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            demandSuccess(connection, status(connection));
            try (InputStream in = connection.getInputStream()) {
                return in.readAllBytes();
            }
        } catch (SocketException e) {
            throw silent(e);
        }
    }

    private int status(HttpURLConnection connection) throws IOException {
        try {
            return connection.getResponseCode();
        } catch (SocketException e) {
            throw silent(e);
        }
    }

    private IOException silent(IOException e) {
        return new SilentServerException(
                "%s does not answer (%s); is 'forebay serve' running there?"
                        .formatted(server, e.getMessage()),
                e);
    }

    private HttpURLConnection open(String method, String path, String bearer) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(server + "/log/v1/" + path).toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure) {
            secure.setSSLSocketFactory(trust.sockets());
        }
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestMethod(method);
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
            String message =
                    "%s answered %d: %s"
                            .formatted(server, status, said.isEmpty() ? "nothing more" : said);
            throw status == HttpURLConnection.HTTP_UNAVAILABLE
                    ? new SilentServerException(message, null)
                    : new IOException(message);
        }
    }
}
