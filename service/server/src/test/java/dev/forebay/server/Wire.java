package dev.forebay.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection on which every byte is the test's own. */
final class Wire implements AutoCloseable {
    /** A response as it came. */
    record Answer(int status, Map<String, String> headers, String text) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        }
    }

    private static final int GUARD_MILLIS = 120_000;

    private final Socket socket;

    Wire(URI uri) throws IOException {
        socket = new Socket(uri.getHost(), uri.getPort());
        socket.setSoTimeout(GUARD_MILLIS);
    }

    Wire send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Says that nothing more will be sent. */
    void endInput() throws IOException {
        socket.shutdownOutput();
    }

    /** Blocks until the server has closed it. */
    void awaitEnd() throws IOException {
        int next = socket.getInputStream().read();
        if (next >= 0) {
            throw new IOException("expected the end of the connection, found " + next);
        }
    }

    /** Closes the connection without a farewell. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** One answer; the body by its length, none after a HEAD. */
    Answer answer(boolean hasBody) throws IOException {
        InputStream in = socket.getInputStream();
        String[] lines = head(in).split("\r\n", -1);
        Map<String, String> headers = new TreeMap<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon > 0) {
                headers.put(
                        lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
                        lines[i].substring(colon + 1).strip());
            }
        }
        byte[] body =
                hasBody && headers.getOrDefault("transfer-encoding", "").equals("chunked")
                        ? chunks(in)
                        : in.readNBytes(
                                hasBody
                                        ? Integer.parseInt(
                                                headers.getOrDefault("content-length", "0"))
                                        : 0);
        String text = new String(body, StandardCharsets.UTF_8);
        return new Answer(Integer.parseInt(lines[0].split(" ", -1)[1]), headers, text);
    }

    private byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int size;
        do {
            size = Integer.parseInt(until("\r\n").strip(), 16);
            body.writeBytes(in.readNBytes(size));
            String _ = until("\r\n");
        } while (size > 0);
        return body.toByteArray();
    }

    /** Everything up to and with {@code end}. */
    String until(String end) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended after '" + text + "'");
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** Everything until the server ends the connection, cleanly or not. */
    String rest() throws IOException {
        StringBuilder text = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                text.append((char) next);
            }
        } catch (SocketException e) {
            text.append("[reset]");
        }
        return text.toString();
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended after '" + head + "'");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
