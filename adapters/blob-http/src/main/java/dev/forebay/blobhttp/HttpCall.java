package dev.forebay.blobhttp;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/** One request, without what happens to it. For one thread. */
final class HttpCall {
    private static final Pattern UNSENDABLE = Pattern.compile("[^\\x20-\\x7e\\x80-\\xff]");

    private final String method;
    private final URI uri;
    private final StringBuilder headers = new StringBuilder();
    private final List<ByteBuffer> body;
    private final Duration answerWithin;

    /**
     * A request whose answer must begin {@code answerWithin} its end.
     *
     * @param body sent as it is, from its position, which stays
     */
    HttpCall(String method, URI uri, List<ByteBuffer> body, Duration answerWithin) {
        this.method = method;
        this.uri = uri;
        this.body = body;
        this.answerWithin = answerWithin;
    }

    /**
     * Adds a header.
     *
     * @throws IllegalArgumentException if it would end the line
     */
    HttpCall with(String name, String value) {
        if (UNSENDABLE.matcher(name + value).find()) {
            throw new IllegalArgumentException(
                    "the header '" + name + "' has a character that HTTP cannot carry");
        }
        headers.append(name).append(": ").append(value).append("\r\n");
        return this;
    }

    URI uri() {
        return uri;
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    boolean isGet() {
        return method.equals("GET");
    }

    Duration answerWithin() {
        return answerWithin;
    }

    /** Bytes of the body. */
    long length() {
        return body.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    /** The body, to be read once. */
    List<ByteBuffer> body() {
        return body.stream().map(ByteBuffer::duplicate).toList();
    }

    ByteBuffer head() {
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String length = method.equals("PUT") ? "Content-Length: " + length() + "\r\n" : "";
        String text =
                "%s %s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: forebay\r\n%s%s\r\n"
                        .formatted(method, path, query, uri.getRawAuthority(), headers, length);
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
