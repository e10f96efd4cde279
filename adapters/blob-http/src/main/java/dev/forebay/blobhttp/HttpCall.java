package dev.forebay.blobhttp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request, without what happens to it. For one thread. */
final class HttpCall {
    private final String method;
    private final Target target;
    private final StringBuilder headers = new StringBuilder();
    private final List<ByteBuffer> body;
    private final Duration answerWithin;

    /**
     * A request whose answer must begin {@code answerWithin} its end.
     *
     * @param body sent as it is, from its position, which stays
     */
    HttpCall(String method, Target target, List<ByteBuffer> body, Duration answerWithin) {
        this.method = method;
        this.target = target;
        this.body = body;
        this.answerWithin = answerWithin;
    }

    /**
     * Adds a header.
     *
     * @throws IllegalArgumentException if it would end the line
     */
    HttpCall with(String name, String value) {
        expectSendable(name, value);
        headers.append(name).append(": ").append(value).append("\r\n");
        return this;
    }

    /**
     * Checks that a header can be sent.
     *
     * @throws IllegalArgumentException if it would end the line
     */
    static void expectSendable(String name, String value) {
        if (!isSendable(name) || !isSendable(value)) {
            throw new IllegalArgumentException(
                    "the header '" + name + "' has a character that HTTP cannot carry");
        }
    }

    private static boolean isSendable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }

    Place place() {
        return target.place();
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    boolean isGet() {
        return method.equals("GET");
    }

    boolean isPost() {
        return method.equals("POST");
    }

    Duration answerWithin() {
        return answerWithin;
    }

    /** Bytes of the body. */
    long length() {
        return length(body);
    }

    /** Remaining bytes of all pieces. */
    static long length(List<ByteBuffer> pieces) {
        long sum = 0;
        for (ByteBuffer piece : pieces) {
            sum += piece.remaining();
        }
        return sum;
    }

    /** The body, to be read once. */
    List<ByteBuffer> body() {
        List<ByteBuffer> copies = new ArrayList<>(body.size());
        for (ByteBuffer piece : body) {
            copies.add(piece.duplicate());
        }
        return copies;
    }

    /**
     * The head.
     *
     * @param proxy which reads it and has to know where to; null: the server reads it
     */
    ByteBuffer head(HttpProxy.@Nullable Hop proxy) {
        StringBuilder text = new StringBuilder(512);
        text.append(method).append(' ');
        if (proxy != null) {
            text.append("http://").append(target.authority());
        }
        text.append(target.path()).append(" HTTP/1.1\r\nHost: ");
        text.append(target.authority()).append("\r\nUser-Agent: forebay\r\n").append(headers);
        if (proxy != null && proxy.authorization().isPresent()) {
            text.append("Proxy-Authorization: ").append(proxy.authorization().get()).append("\r\n");
        }
        if (isPost() || method.equals("PUT")) {
            text.append("Content-Length: ").append(length()).append("\r\n");
        }
        return ByteBuffer.wrap(
                text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }
}
