package dev.forebay.bench.streams;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A buffer on a server, used by plain requests of the wire protocol, so that the server is measured
 * without Forebay's client.
 */
final class RawBuffer {
    private static final Pattern ID = Pattern.compile("\"id\"\\s*:\\s*\"([a-z2-7]+)\"");
    private static final Pattern ACCESS = Pattern.compile("\"uri\"\\s*:\\s*\"([^\"]+)\"");

    private final HttpClient http;
    private final String container;
    private final String query;

    private RawBuffer(HttpClient http, String container, String query) {
        this.http = http;
        this.container = container;
        this.query = query;
    }

    static RawBuffer create(HttpClient http, URI server) throws IOException, InterruptedException {
        String id = find(ID, post(http, server.resolve("/buffers?api-version=1.0"), "{}"));
        String url =
                find(
                                ACCESS,
                                post(
                                        http,
                                        server.resolve(
                                                "/buffers/"
                                                        + id
                                                        + "/access?api-version=1.0&writeable=true"),
                                        ""))
                        .replace("\\u0026", "&");
        int mark = url.indexOf('?');
        return new RawBuffer(http, url.substring(0, mark), url.substring(mark));
    }

    private static String post(HttpClient http, URI uri, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IOException(
                    "expected 201 of " + uri.getPath() + ", got " + answer.statusCode());
        }
        return answer.body();
    }

    private static String find(Pattern pattern, String text) throws IOException {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IOException("no " + pattern + " in the answer");
        }
        return found.group(1);
    }

    /** The access URL. */
    URI access() {
        return URI.create(container + query);
    }

    URI blob(String name) {
        return URI.create(container + "/" + name + query);
    }

    /** Puts one data blob. Its chain is not valid; no reader checks it here. */
    void put(String name, byte[] body) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(blob(name))
                        .header("Content-MD5", md5(body))
                        .header("x-ms-blob-type", "BlockBlob")
                        .header("x-ms-meta-cumulative_hash_chain", "bench")
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build();
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status != 201) {
            throw new IOException("expected 201 of PUT " + name + ", got " + status);
        }
    }

    /** The status of one GET; its body must be {@code expected} if the status is 200. */
    int get(String name, byte[] expected, boolean wait) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(blob(name)).GET();
        if (wait) {
            request.header("Prefer", "wait=20");
        }
        HttpResponse<byte[]> answer =
                http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() == 200 && !MessageDigest.isEqual(answer.body(), expected)) {
            throw new IOException(name + " came back with other bytes");
        }
        return answer.statusCode();
    }

    private static String md5(byte[] body) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("MD5").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has MD5", e);
        }
    }
}
