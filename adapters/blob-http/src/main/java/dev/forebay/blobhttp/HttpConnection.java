package dev.forebay.blobhttp;

import dev.forebay.base.Printable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server, plain or TLS, which carries one exchange after the other.
 *
 * <p><b>Guarantee.</b> Every read and write ends by its deadline, an interrupt of its thread or
 * {@link #close}, and then with an {@link IOException}: one of {@link HttpTimeoutException} if the
 * time was over. What was read behind a head is handed out before the socket is read again.
 *
 * <p>For one thread at a time, but for {@link #expire} and {@link #close}; blocks, and is at home
 * on virtual threads.
 */
final class HttpConnection {
    /** How an alert of TLS begins, which is what a port of TLS answers to plain HTTP. */
    private static final String TLS_ALERT = "\u0015\u0003";

    /** The largest head of an answer, as in the JDK's client. */
    private static final int LARGEST_HEAD = 384 * 1024;

    /** Answers before the answer, such as {@code 103 Early Hints}. */
    private static final int MOST_INTERIM = 8;

    private static final int BUFFER = 8 * 1024;

    private static final String HTTP = "HTTP/1.";

    /** Characters of another protocol that a message shows. */
    private static final int SHOWN = 100;

    /** Bytes to be sent in one period. */
    private static final int SLICE = 256 * 1024;

    /** Pieces of no more than this on average go out together, and with the head. */
    private static final int SMALL = 16 * 1024;

    /** Bytes that go out together. */
    private static final int TOGETHER = 128 * 1024;

    private static final long NONE = 0;

    private final Place place;

    /** What the channel leads to if it is not the server itself. */
    private final HttpProxy.@Nullable Hop proxy;

    private final SocketChannel channel;
    private Wire wire;
    private ByteBuffer ahead = ByteBuffer.allocate(BUFFER).limit(0);
    private boolean answered;

    /** When a call of this moment has to be over, by {@link System#nanoTime}, or {@link #NONE}. */
    private volatile long deadline;

    private volatile boolean expired;

    private HttpConnection(Place place, HttpProxy.@Nullable Hop proxy, SocketChannel channel) {
        this.place = place;
        this.proxy = proxy;
        this.channel = channel;
        this.wire = new Wire.Plain(channel);
    }

    /** A channel that is not connected yet, to a server or to the proxy before it. */
    static HttpConnection unconnected(Place place, HttpProxy.@Nullable Hop proxy)
            throws IOException {
        return new HttpConnection(place, proxy, SocketChannel.open());
    }

    Place place() {
        return place;
    }

    /** Connects to one address of the server or its proxy, until {@code end}. */
    void connect(InetAddress address, long end, Duration within, Supplier<SSLSocketFactory> tls)
            throws IOException {
        try {
            long left = Math.max(1, (end - System.nanoTime()) / 1_000_000);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket()
                    .connect(
                            new InetSocketAddress(
                                    address, proxy == null ? place.port() : proxy.port()),
                            (int) Math.min(left, Integer.MAX_VALUE));
        } catch (SocketTimeoutException e) {
            throw connectTimeout(within, e);
        }
        if (place.tls()) {
            if (proxy != null) {
                tunnel(proxy, within);
            }
            wire = secured(within, end, tls.get());
        }
    }

    /** Has the proxy pass on what follows, without a look at it. */
    private void tunnel(HttpProxy.Hop through, Duration within) throws IOException {
        String server = HttpProxy.hostAndPort(place.host(), place.port());
        String authorization =
                through.authorization()
                        .map(value -> "Proxy-Authorization: " + value + "\r\n")
                        .orElse("");
        new Sending(within)
                .write(
                        StandardCharsets.ISO_8859_1.encode(
                                "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
                                        .formatted(server, server, authorization)));
        int status = readHead(within).status();
        if (status > 299) {
            throw ProxyException.refusal(through, "CONNECT " + server, status);
        }
        if (ahead.hasRemaining()) {
            throw new ProtocolException(
                    "expected a tunnel from the proxy %s, found bytes that nobody asked for"
                            .formatted(through));
        }
    }

    /**
     * Refuses an answer that is not the server's own, since the proxy wants a name.
     *
     * @throws ProxyException if it is one
     */
    void expectPassage(AnswerHead head) throws ProxyException {
        if (proxy != null && !place.tls() && head.status() == 407) {
            throw ProxyException.refusal(proxy, "a request", 407);
        }
    }

    private Wire secured(Duration within, long end, SSLSocketFactory sockets) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        sockets.createSocket(channel.socket(), place.host(), place.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        arm(end);
        try {
            socket.startHandshake();
            return new Wire.Tls(socket);
        } catch (IOException e) {
            throw expired ? connectTimeout(within, e) : e;
        } finally {
            deadline = NONE;
        }
    }

    private static HttpConnectTimeoutException connectTimeout(Duration within, IOException cause) {
        HttpConnectTimeoutException late =
                new HttpConnectTimeoutException(
                        "no connection within " + within.toMillis() + " ms");
        late.initCause(cause);
        return late;
    }

    /** Sends a request; 256 KiB of it have to go out in each {@code period}. */
    void send(HttpCall call, Duration period) throws IOException {
        answered = false;
        Sending sending = new Sending(period);
        List<ByteBuffer> pieces = call.body();
        boolean small = call.length() <= (long) SMALL * pieces.size();
        pieces.addFirst(call.head(place.tls() ? null : proxy));
        if (small) {
            sending.writeTogether(pieces);
        } else {
            for (ByteBuffer piece : pieces) {
                sending.write(piece);
            }
        }
    }

    private final class Sending {
        private final Duration period;
        private long begin = System.nanoTime();
        private int sent;

        Sending(Duration period) {
            this.period = period;
        }

        void write(ByteBuffer piece) throws IOException {
            while (piece.hasRemaining()) {
                int length = Math.min(piece.remaining(), SLICE);
                ByteBuffer slice = piece.slice(piece.position(), length);
                arm(begin + period.toNanos());
                int count = written(slice);
                piece.position(piece.position() + count);
                sent += count;
                if (sent >= SLICE) {
                    sent = 0;
                    begin = System.nanoTime();
                }
            }
        }

        /**
         * Copies {@code pieces} together and writes up to {@link #TOGETHER} bytes of them in a
         * call.
         */
        void writeTogether(List<ByteBuffer> pieces) throws IOException {
            long length = HttpCall.length(pieces);
            ByteBuffer together = ByteBuffer.allocate((int) Math.min(length, TOGETHER));
            for (ByteBuffer piece : pieces) {
                while (piece.hasRemaining()) {
                    if (!together.hasRemaining()) {
                        write(together.flip());
                        together.clear();
                    }
                    int count = Math.min(piece.remaining(), together.remaining());
                    together.put(piece.slice(piece.position(), count));
                    piece.position(piece.position() + count);
                }
            }
            write(together.flip());
        }

        private int written(ByteBuffer slice) throws IOException {
            try {
                return wire.write(slice);
            } catch (IOException e) {
                throw told(e, period);
            } finally {
                deadline = NONE;
            }
        }
    }

    /** Reads the head of the answer, and those of answers that only announce another one. */
    AnswerHead readHead(Duration within) throws IOException {
        long end = System.nanoTime() + within.toNanos();
        for (int interim = 0; interim <= MOST_INTERIM; interim++) {
            AnswerHead head = nextHead(end, within);
            if (head.status() >= 200) {
                return head;
            }
            if (head.status() == 101) {
                throw new MalformedAnswerException("another protocol, which was not asked for");
            }
        }
        throw new MalformedAnswerException("more than " + MOST_INTERIM + " interim answers");
    }

    private AnswerHead nextHead(long end, Duration within) throws IOException {
        int seen = ahead.position();
        while (true) {
            int length = endOfHead(seen);
            if (length >= 0) {
                expectHttp(true);
                byte[] head = new byte[length];
                ahead.get(head);
                return AnswerHead.parse(head, length);
            }
            expectHttp(hasLine());
            seen = Math.max(0, ahead.remaining() - 3);
            makeRoom();
            if (fill(end, within) < 0) {
                expectHttp(ahead.hasRemaining());
                throw new EOFException(
                        answered
                                ? "the answer ended in its head"
                                : "the server hung up without an answer");
            }
        }
    }

    private boolean hasLine() {
        byte[] bytes = ahead.array();
        for (int i = ahead.position(); i < Math.min(ahead.limit(), BUFFER); i++) {
            if (bytes[i] == '\n') {
                return true;
            }
        }
        return false;
    }

    /** Another protocol is known by its first line, which may be all that it says. */
    private void expectHttp(boolean whole) throws ProtocolException {
        if (!whole) {
            return;
        }
        int length = Math.min(ahead.remaining(), SHOWN);
        String begin =
                new String(ahead.array(), ahead.position(), length, StandardCharsets.ISO_8859_1);
        if (begin.startsWith(TLS_ALERT)) {
            throw new FoundTlsException();
        }
        if (!begin.regionMatches(0, HTTP, 0, Math.min(length, HTTP.length()))) {
            throw new ProtocolException(
                    "expected a status line of HTTP, found '" + Printable.of(begin) + "'");
        }
    }

    /** The bytes up to the end of the empty line, or -1; those before {@code from} have none. */
    private int endOfHead(int from) {
        byte[] bytes = ahead.array();
        for (int i = Math.max(from, ahead.position()); i < ahead.limit(); i++) {
            boolean empty =
                    bytes[i] == '\n'
                            && (i > ahead.position() && bytes[i - 1] == '\n'
                                    || i > ahead.position() + 1
                                            && bytes[i - 1] == '\r'
                                            && bytes[i - 2] == '\n');
            if (empty) {
                return i + 1 - ahead.position();
            }
        }
        return -1;
    }

    /** Moves what is left to the beginning, into a larger buffer if need be. */
    private void makeRoom() throws ProtocolException {
        if (ahead.remaining() >= LARGEST_HEAD) {
            throw new ProtocolException(
                    "expected a head of at most " + LARGEST_HEAD + " bytes, found a longer one");
        }
        ahead.compact().flip();
        if (ahead.limit() == ahead.capacity()) {
            ahead = ByteBuffer.wrap(Arrays.copyOf(ahead.array(), 2 * ahead.capacity()));
            ahead.limit(ahead.capacity() / 2);
        }
    }

    /** Reads behind what is there. */
    private int fill(long end, Duration within) throws IOException {
        int before = ahead.limit();
        ByteBuffer room = ahead.duplicate().limit(ahead.capacity()).position(before);
        int count = fromWire(room, end, within);
        ahead.limit(room.position());
        return count;
    }

    /** Waits for a byte; false at the end. */
    boolean await(long end, Duration within) throws IOException {
        if (!ahead.hasRemaining()) {
            ahead.clear().limit(0);
            return fill(end, within) >= 0;
        }
        return true;
    }

    /** Reads what is there, waiting for a byte until {@code end}; -1 at the end. */
    int read(ByteBuffer target, long end, Duration within) throws IOException {
        if (!ahead.hasRemaining()) {
            return fromWire(target, end, within);
        }
        int count = Math.min(ahead.remaining(), target.remaining());
        target.put(ahead.slice(ahead.position(), count));
        ahead.position(ahead.position() + count);
        return count;
    }

    private int fromWire(ByteBuffer target, long end, Duration within) throws IOException {
        arm(end);
        try {
            int count = wire.read(target);
            answered |= count > 0;
            return count;
        } catch (IOException e) {
            throw told(e, within);
        } finally {
            deadline = NONE;
        }
    }

    private void arm(long end) {
        deadline = end == NONE ? 1 : end;
    }

    private IOException told(IOException e, Duration within) {
        if (!expired) {
            return e;
        }
        HttpTimeoutException late =
                new HttpTimeoutException("request stood still for " + within.toMillis() + " ms");
        late.initCause(e);
        return late;
    }

    /** Whether a byte of the answer to the last request came. */
    boolean hasAnswered() {
        return answered;
    }

    /** Whether bytes came that belong to no answer. */
    boolean hasMore() {
        return ahead.hasRemaining();
    }

    /** Ends the call under way if its time is over; on the thread that watches. */
    void expire(long now) throws IOException {
        long end = deadline;
        if (end != NONE && now - end > 0) {
            expired = true;
            channel.close();
        }
    }

    /** Ends the call under way, and the connection, without a farewell. */
    void close() throws IOException {
        channel.close();
    }
}
