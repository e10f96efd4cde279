package dev.forebay.server;

import dev.forebay.run.LogLine;
import dev.forebay.run.LogReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * The log of a run as the body of an answer: its lines as the program wrote them, on request each
 * behind its time. A line that the log divided is whole again. For the thread of the request.
 */
final class RunLogAnswer {
    /** Lines wait for each other up to this size, unless the log is followed. */
    private static final int GATHERED = 64 << 10;

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'")
                    .withZone(ZoneOffset.UTC);

    private final Exchange exchange;
    private final boolean times;
    private final boolean follow;
    private final ByteBuffer gathered = ByteBuffer.allocate(GATHERED);
    private boolean atStart = true;

    RunLogAnswer(Exchange exchange, boolean times, boolean follow) {
        this.exchange = exchange;
        this.times = times;
        this.follow = follow;
    }

    /**
     * Sends all lines; the head goes at once if the log is followed.
     *
     * @throws InterruptedException if the client has left or the server stops
     */
    void send(LogReader lines, FollowingRequests.Following following)
            throws IOException, InterruptedException {
        exchange.setStatus(200);
        exchange.chunked()
                .with("Content-Type", Exchange.TEXT)
                .with("X-Content-Type-Options", "nosniff");
        if (follow) {
            exchange.write(false, ByteBuffer.allocate(0));
        }
        Optional<LogLine> line = next(lines, following);
        while (line.isPresent()) {
            add(line.get());
            line = next(lines, following);
        }
        exchange.write(true, gathered.flip());
    }

    private static Optional<LogLine> next(LogReader lines, FollowingRequests.Following following)
            throws InterruptedException {
        return following.await(() -> Optional.ofNullable(lines.next()));
    }

    private void add(LogLine line) throws IOException {
        if (times && atStart) {
            put(time(line.at()));
        }
        put(line.text());
        if (line.whole()) {
            put(new byte[] {'\n'});
        }
        atStart = line.whole();
        if (follow) {
            flush();
        }
    }

    private static byte[] time(Instant at) {
        return (TIME.format(at) + " ").getBytes(StandardCharsets.US_ASCII);
    }

    private void put(byte[] bytes) throws IOException {
        if (bytes.length > gathered.remaining()) {
            flush();
        }
        if (bytes.length > gathered.remaining()) {
            exchange.write(false, ByteBuffer.wrap(bytes));
        } else {
            gathered.put(bytes);
        }
    }

    private void flush() throws IOException {
        exchange.write(false, gathered.flip());
        gathered.clear();
    }
}
