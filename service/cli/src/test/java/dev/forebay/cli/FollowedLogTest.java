package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Worker;
import dev.forebay.client.ForebayClient;
import dev.forebay.client.RunLogQuery;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The log of a run whose server breaks answers off, at each place of the first one. */
final class FollowedLogTest {
    private static final Instant START = Instant.parse("2026-01-31T10:00:00.123456789Z");
    private static final List<String> LINES = List.of("one\n", "\n", "two words\n", "last");
    private static final int NEVER = Integer.MAX_VALUE;

    /** Serves the lines; each connection breaks after as many bytes as the list says. */
    private static final class BreakingServer implements AutoCloseable {
        final List<String> targets = new CopyOnWriteArrayList<>();
        private final ServerSocket listener;
        private final List<Throwable> failures = new CopyOnWriteArrayList<>();
        private final Worker worker;

        BreakingServer(List<Integer> breaks) throws IOException {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            worker = Worker.virtual("breaking", () -> serve(breaks), failures::add);
        }

        private void serve(List<Integer> breaks) throws IOException {
            for (int most : breaks) {
                try (Socket socket = listener.accept()) {
                    byte[] head = new byte[1 << 14];
                    int count = socket.getInputStream().read(head);
                    String target = new String(head, 0, count, ISO_8859_1).split(" ", 3)[1];
                    targets.add(target);
                    answer(socket.getOutputStream(), body(target), most);
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
            }
        }

        private static void answer(OutputStream out, byte[] body, int most) throws IOException {
            int size = Math.min(body.length, most);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                            .getBytes(ISO_8859_1));
            if (size > 0) {
                bytes.writeBytes("%x\r\n".formatted(size).getBytes(ISO_8859_1));
                bytes.write(body, 0, size);
                bytes.writeBytes("\r\n".getBytes(ISO_8859_1));
            }
            bytes.writeBytes((most < NEVER ? "" : "0\r\n\r\n").getBytes(ISO_8859_1));
            out.write(bytes.toByteArray());
        }

        /** The last lines, or those after a time. */
        private static byte[] body(String target) {
            assertThat(target).contains("follow=true", "timestamps=true");
            Matcher since = Pattern.compile("since=([^&]*)").matcher(target);
            Instant after =
                    since.find()
                            ? Instant.parse(URLDecoder.decode(since.group(1), UTF_8))
                            : Instant.MIN;
            Matcher tail = Pattern.compile("tailLines=(\\d+)").matcher(target);
            int first = tail.find() ? LINES.size() - Integer.parseInt(tail.group(1)) : 0;
            StringBuilder body = new StringBuilder();
            for (int i = first; i < LINES.size(); i++) {
                Instant at = START.plusNanos(i);
                if (at.isAfter(after)) {
                    body.append(at).append(' ').append(LINES.get(i));
                }
            }
            return body.toString().getBytes(UTF_8);
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + listener.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            worker.join();
            listener.close();
            assertThat(failures).isEmpty();
        }
    }

    private final List<String> warnings = new ArrayList<>();

    private String follow(BreakingServer server, RunLogQuery query) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ServerRestart restart =
                new ServerRestart(
                        new ServerRestartTest.SleeperClock(),
                        Duration.ofSeconds(10),
                        warnings::add);
        new FollowedLog(new ForebayClient(server.uri()).runs(), 7, query, restart, out).copy();
        return out.toString(UTF_8);
    }

    private static String expected(boolean times, int from) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < LINES.size(); i++) {
            text.append(times ? START.plusNanos(i) + " " : "").append(LINES.get(i));
        }
        return text.toString();
    }

    @Test
    void noLineIsLostOrRepeatedWhereverTheServerBreaksOff() throws Exception {
        int size = expected(true, 0).length();
        for (int first = 0; first <= size; first++) {
            for (boolean times : List.of(true, false)) {
                try (BreakingServer server = new BreakingServer(List.of(first, first / 3, NEVER))) {
                    assertThat(follow(server, new RunLogQuery(true, times, null, null)))
                            .as("broken off after %d bytes", first)
                            .isEqualTo(expected(times, 0));
                }
            }
        }
    }

    @Test
    void lastLinesAreCountedOnce() throws Exception {
        int size = expected(true, 2).length();
        for (int first = 0; first <= size; first++) {
            try (BreakingServer server = new BreakingServer(List.of(first, NEVER))) {
                RunLogQuery query = new RunLogQuery(true, false, 2L, null);
                assertThat(follow(server, query))
                        .as("broken off after %d bytes", first)
                        .isEqualTo(expected(false, 2));
            }
        }
    }

    @Test
    void serverThatAlwaysBreaksOffIsGivenUpWithItsReason() throws Exception {
        List<Integer> breaks = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            breaks.add(0);
        }
        try (BreakingServer server = new BreakingServer(breaks)) {
            assertThatThrownBy(() -> follow(server, new RunLogQuery(true, false, null, null)))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the server broke the log of run 7 off (");
            assertThat(server.targets).hasSize(11);
        }
        assertThat(warnings).hasSize(1).first().asString().endsWith("; trying again");
    }
}
