package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.identity.Login;
import dev.forebay.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** A server with a log, a user and a TLS listener, under a clock that stands still. */
final class LogServer implements AutoCloseable {
    static final String USER = "operator";
    static final String PASSWORD = "of the test";

    /** Begins at the real time: other programs judge the server's certificate by it. */
    final ManualClock clock = new ManualClock(Instant.now());

    final ForebayServer server;
    final String token;
    private final HttpClient http = HttpClient.newHttpClient();

    LogServer(Path data) throws IOException {
        server =
                ForebayServer.start(
                        ServerConfig.of(data, 0)
                                .withGrace(Duration.ofSeconds(30))
                                .withTls(TlsConfig.of(0)),
                        Disk.system(),
                        clock,
                        new ParkedRequests());
        server.users().add(USER, PASSWORD);
        token =
                server.users().login(USER, PASSWORD, "test") instanceof Login.Granted granted
                        ? granted.token()
                        : "";
    }

    /** The server's time, in nanoseconds since 1970. */
    long now() {
        Instant wall = clock.wall();
        return TimeUnit.SECONDS.toNanos(wall.getEpochSecond()) + wall.getNano();
    }

    void record(Entry... entries) {
        assertThat(server.log().record(List.of(entries), Durability.WRITTEN).refusals()).isEmpty();
    }

    static Entry blob(String channel, String type, long nanos, String data) {
        return new Entry.Blob(
                OptionalLong.of(nanos),
                channel,
                type,
                "test",
                ByteBuffer.wrap(data.getBytes(StandardCharsets.UTF_8)));
    }

    static Entry event(String id, long nanos, String level) {
        String time = Instant.ofEpochSecond(0, nanos).toString();
        return new Entry.Event(
                KnownMessages.encode(
                        KnownMessages.EVENT,
                        Map.of("id", id, "start_time", time, "end_time", time, "level", level)));
    }

    static Entry comment(String message, long nanos) {
        return new Entry.Comment(
                KnownMessages.encode(
                        KnownMessages.COMMENT,
                        Map.of(
                                "message",
                                message,
                                "timestamp",
                                Instant.ofEpochSecond(0, nanos).toString())));
    }

    HttpResponse<byte[]> ask(String method, String target, String authorization, byte[] body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.uri() + target))
                        .timeout(Duration.ofMinutes(2))
                        .method(method, BodyPublishers.ofByteArray(body));
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        if (body.length > 0 && body[0] == '{') {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> get(String target) throws IOException, InterruptedException {
        return ask("GET", target, "Bearer " + token, new byte[0]);
    }

    static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /** The payloads of a BDDF download, in order; its checksum is compared. */
    static List<String> payloads(HttpResponse<byte[]> answer) throws IOException {
        if (answer.statusCode() == 204) {
            assertThat(answer.body()).isEmpty();
            return new ArrayList<>();
        }
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
        List<String> payloads = new ArrayList<>();
        BddfStream file =
                new BddfStream(Channels.newChannel(new ByteArrayInputStream(answer.body())));
        for (Block block = file.next(); block != null; block = file.next()) {
            payloads.add(StandardCharsets.UTF_8.decode(block.payload()).toString());
        }
        return payloads;
    }

    @Override
    public void close() throws IOException {
        http.close();
        server.close();
    }
}
