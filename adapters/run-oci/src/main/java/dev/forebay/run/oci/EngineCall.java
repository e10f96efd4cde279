package dev.forebay.run.oci;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * One HTTP/1.1 request over a Unix socket, and its answer; each has a connection of its own.
 *
 * <p><b>Guarantee.</b> A read waits for its bytes as long as the patience says, then fails. {@link
 * #close} ends a read under way. A body that ends before its length or its last chunk fails with an
 * {@link EOFException}; only a stream without either ends with its connection.
 *
 * <p><b>Limit.</b> The head of an answer has {@link #LONGEST_HEAD} bytes at most. For use by one
 * thread, {@link #close} aside.
 */
final class EngineCall implements Closeable {
    /** Reads wait for ever: for answers that come when a container ends. */
    static final Duration FOREVER = Duration.ZERO;

    private static final int LONGEST_HEAD = 1 << 16;
    private static final int CHUNK = 1 << 16;
    private static final int NO_CONTENT = 204;

    private final SocketChannel channel;
    private final Selector selector;
    private final Duration patience;
    private final ByteBuffer held = ByteBuffer.allocate(CHUNK).flip();
    private final Map<String, String> headers = new TreeMap<>();
    private final int status;
    private final InputStream body;

    private EngineCall(SocketChannel channel, Selector selector, Duration patience, Request request)
            throws IOException {
        this.channel = channel;
        this.selector = selector;
        this.patience = patience;
        ByteBuffer bytes = request.bytes();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        this.status = readHead();
        this.body = openBody();
    }

    /**
     * What is asked for.
     *
     * @param upgrade whether the connection carries plain bytes after the head of the answer
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    record Request(String method, String target, String type, byte[] content, boolean upgrade) {
        static Request of(String method, String target) {
            return new Request(method, target, "application/json", new byte[0], false);
        }

        private ByteBuffer bytes() {
            String head =
                    "%s %s HTTP/1.1\r\nHost: engine\r\nConnection: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
                            .formatted(
                                    method,
                                    target,
                                    upgrade ? "Upgrade\r\nUpgrade: tcp" : "close",
                                    type,
                                    content.length);
            byte[] bytes = head.getBytes(StandardCharsets.US_ASCII);
            return ByteBuffer.allocate(bytes.length + content.length)
                    .put(bytes)
                    .put(content)
                    .flip();
        }
    }

    /** Sends the request and reads the head of the answer. */
    static EngineCall open(Path socket, Duration patience, Request request) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = null;
        boolean done = false;
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            selector = Selector.open();
            EngineCall call = new EngineCall(channel, selector, patience, request);
            done = true;
            return call;
        } finally {
            if (!done) {
                channel.close();
                if (selector != null) {
                    selector.close();
                }
            }
        }
    }

    int status() {
        return status;
    }

    InputStream body() {
        return body;
    }

    private int readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        String line = line(head);
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("\\d{3}")) {
            throw new ProtocolException("the answer does not begin as HTTP does: " + line);
        }
        for (line = line(head); !line.isEmpty(); line = line(head)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return Integer.parseInt(words[1]);
    }

    private String line(StringBuilder head) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = read(); next != '\n'; next = read()) {
            if (next < 0) {
                throw new EOFException("the engine closed the connection within an answer");
            }
            if (head.length() + line.length() >= LONGEST_HEAD) {
                throw new ProtocolException("the head of an answer exceeds 64 KiB");
            }
            line.append((char) next);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        head.append(line);
        return line.toString();
    }

    private InputStream openBody() throws IOException {
        String length = headers.get("content-length");
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return new Chunks();
        }
        if (status == NO_CONTENT) {
            return InputStream.nullInputStream();
        }
        return new Counted(length == null ? -1 : Long.parseLong(length));
    }

    private int read() throws IOException {
        return fill() ? held.get() & 0xff : -1;
    }

    private int read(byte[] target, int from, int most) throws IOException {
        if (!fill()) {
            return -1;
        }
        int count = Math.min(most, held.remaining());
        held.get(target, from, count);
        return count;
    }

    /** Waits for bytes; false at the end of the connection. */
    private boolean fill() throws IOException {
        while (!held.hasRemaining()) {
            int count;
            held.clear();
            try {
                count = channel.read(held);
            } finally {
                held.flip();
            }
            if (count < 0) {
                return false;
            }
            if (count == 0) {
                await();
            }
        }
        return true;
    }

    private void await() throws IOException {
        try {
            int ready = selector.select(patience.toMillis());
            selector.selectedKeys().clear();
            boolean over = ready == 0 && !patience.isZero();
            if (over && !Thread.currentThread().isInterrupted() && channel.isOpen()) {
                throw new IOException(
                        "the engine did not answer within %d seconds"
                                .formatted(patience.toSeconds()));
            }
        } catch (ClosedSelectorException e) {
            throw (IOException) new AsynchronousCloseException().initCause(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            selector.close();
        }
    }

    /** A body of known length, or, without one, up to the end of the connection. */
    private final class Counted extends InputStream {
        private long left;

        Counted(long length) {
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int from, int most) throws IOException {
            if (left == 0) {
                return -1;
            }
            int count =
                    EngineCall.this.read(
                            target, from, left < 0 ? most : (int) Math.min(most, left));
            if (count < 0 && left > 0) {
                throw new EOFException("the engine closed the connection within an answer");
            }
            left -= left > 0 ? count : 0;
            return count;
        }
    }

    /** A chunked body; what follows its last chunk is not read. */
    private final class Chunks extends InputStream {
        private long left;
        private boolean first = true;
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int from, int most) throws IOException {
            if (left == 0 && !ended) {
                next();
            }
            if (ended) {
                return -1;
            }
            int count = EngineCall.this.read(target, from, (int) Math.min(most, left));
            if (count < 0) {
                throw new EOFException("the engine closed the connection within an answer");
            }
            left -= count;
            return count;
        }

        private void next() throws IOException {
            if (!first) {
                line(new StringBuilder());
            }
            first = false;
            String size = line(new StringBuilder()).split(";", 2)[0].strip();
            try {
                left = Long.parseLong(size, 16);
            } catch (NumberFormatException e) {
                throw (IOException)
                        new ProtocolException("the length of a chunk is not a number: " + size)
                                .initCause(e);
            }
            ended = left == 0;
        }
    }
}
