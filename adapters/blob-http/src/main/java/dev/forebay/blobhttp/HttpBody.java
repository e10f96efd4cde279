package dev.forebay.blobhttp;

import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The body of an answer. Read to its end, it gives its connection back; closed before, it ends the
 * connection. For one thread; blocks.
 */
final class HttpBody {
    /** The largest line between two chunks. */
    private static final int LONGEST_LINE = 1024;

    /** Bytes of an explanation that are kept, and that are read so that the connection stays. */
    private static final int KEPT = 4096;

    private static final int MOST_READ = 64 * 1024;

    private static final long UNKNOWN = -1;

    private final HttpConnections connections;
    private final HttpConnection connection;
    private final boolean chunked;
    private boolean reusable;

    /** Bytes that come still, of the chunk if it is chunked; or {@link #UNKNOWN}. */
    private long left;

    private boolean ended;

    private HttpBody(
            HttpConnections connections,
            HttpConnection connection,
            boolean chunked,
            long left,
            boolean reusable) {
        this.connections = connections;
        this.connection = connection;
        this.chunked = chunked;
        this.left = left;
        this.reusable = reusable;
    }

    /** The body that follows {@code head}. */
    static HttpBody of(
            HttpConnections connections,
            HttpConnection connection,
            AnswerHead head,
            boolean toHead,
            boolean wholeRequest)
            throws IOException {
        boolean none = toHead || head.status() == 204 || head.status() == 304;
        boolean chunked = !none && head.isChunked();
        // Malformed lengths end here, also those of answers that have no body.
        long announced = head.length().orElse(UNKNOWN);
        long left = none || chunked ? 0 : announced;
        boolean reusable = wholeRequest && head.keepsOpen() && (left != UNKNOWN);
        HttpBody body = new HttpBody(connections, connection, chunked, left, reusable);
        if (!chunked && left == 0) {
            body.end();
        }
        return body;
    }

    /** Waits for a byte; false at the end. */
    boolean await(long end, Duration within) throws IOException {
        if (ended || chunked && left == 0 && !nextChunk(end, within)) {
            return false;
        }
        if (!connection.await(end, within)) {
            ended(left != UNKNOWN);
            return false;
        }
        return true;
    }

    /** Reads a part of the body, waiting for a byte; -1 at the end. */
    int read(ByteBuffer target, long end, Duration within) throws IOException {
        if (ended || chunked && left == 0 && !nextChunk(end, within)) {
            return -1;
        }
        int limit = target.limit();
        if (left != UNKNOWN && target.remaining() > left) {
            target.limit(target.position() + (int) left);
        }
        int count;
        try {
            count = connection.read(target, end, within);
        } finally {
            target.limit(limit);
        }
        if (count < 0) {
            ended(left != UNKNOWN);
            return -1;
        }
        if (left != UNKNOWN) {
            left -= count;
            if (left == 0 && !chunked) {
                end();
            }
        }
        return count;
    }

    /** The other side closed the connection, where the end was or {@code early}. */
    private void ended(boolean early) throws IOException {
        reusable = false;
        end();
        if (early) {
            throw new EOFException("the connection was closed in mid-body");
        }
    }

    /** Reads the line before a chunk; false if that was the last chunk. */
    private boolean nextChunk(long end, Duration within) throws IOException {
        String size = line(end, within);
        if (size.isEmpty()) {
            size = line(end, within); // The end of the chunk before.
        }
        String digits = size.split(";", 2)[0].strip();
        if (!digits.matches("[0-9a-fA-F]{1,15}")) {
            throw new MalformedAnswerException("expected the size of a chunk");
        }
        left = Long.parseLong(digits, 16);
        if (left == 0) {
            // Trailers may follow. They are not used, and a new connection costs little.
            reusable = false;
            end();
            return false;
        }
        return true;
    }

    private String line(long end, Duration within) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(LONGEST_LINE);
        ByteBuffer one = ByteBuffer.allocate(1);
        while (line.hasRemaining()) {
            if (connection.read(one.clear(), end, within) < 0) {
                throw new EOFException("the connection was closed in mid-body");
            }
            byte b = one.flip().get();
            if (b == '\n') {
                return new String(line.array(), 0, line.position(), StandardCharsets.ISO_8859_1)
                        .strip();
            }
            line.put(b);
        }
        throw new MalformedAnswerException("a line of more than " + LONGEST_LINE + " bytes");
    }

    /** The first bytes as text. Ends the body, also one that stalls or never ends. */
    String excerpt(Duration within) throws IOException {
        try {
            return text(within);
        } catch (HttpTimeoutException e) {
            return "(no end of the explanation)"; // The status says what happened.
        }
    }

    /** The same of a body that has to end. */
    String text(Duration within) throws IOException {
        if (ended) {
            return "";
        }
        ByteBuffer kept = ByteBuffer.allocate(KEPT);
        ByteBuffer rest = ByteBuffer.allocate(KEPT);
        long end = System.nanoTime() + within.toNanos();
        try {
            int seen = 0;
            for (int count = 0; count >= 0 && seen <= MOST_READ; seen += count) {
                count = read(kept.hasRemaining() ? kept : rest.clear(), end, within);
            }
            return new String(kept.array(), 0, kept.position(), StandardCharsets.UTF_8);
        } finally {
            close();
        }
    }

    private void end() throws IOException {
        ended = true;
        if (reusable && !connection.hasMore()) {
            connections.give(connection);
        } else {
            connections.end(connection);
        }
    }

    /** Ends a body that is not read to its end, and its connection. */
    void close() throws IOException {
        if (!ended) {
            reusable = false;
            end();
        }
    }
}
