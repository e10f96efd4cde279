package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A server of a test's own, under a clock that stands still, asked as the reference's client asks:
 * with an api-version and a content type on every call.
 */
final class Rest implements AutoCloseable {
    /** What the reference's client sends to create a buffer without tags. */
    static final String NEW = "{\"id\":\"\",\"createdAt\":\"0001-01-01T00:00:00Z\"}";

    /** The prober of health, the sweeper and the archiver of logs, when they have nothing to do. */
    static final int SLEEPERS = 3;

    private static final JsonMapper MAPPER = new JsonMapper();

    final ManualClock clock = new ManualClock();
    final ForebayServer server;

    Rest(Path data) throws IOException {
        this(data, RunConfig.NONE);
    }

    Rest(Path data, RunConfig runs) throws IOException {
        server =
                ForebayServer.start(
                        ServerConfig.of(data, 0).withGrace(Duration.ofSeconds(30)).withRuns(runs),
                        Disk.system(),
                        clock,
                        new ParkedRequests());
    }

    static JsonNode parsed(Wire.Answer answer) {
        return MAPPER.readTree(answer.text());
    }

    /** A request of which nothing but the length of its body is added. */
    Wire.Answer raw(String method, String target, String headers, String body) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(
                            method
                                    + " "
                                    + target
                                    + " HTTP/1.1\r\nHost: localhost\r\n"
                                    + headers
                                    + "Content-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body)
                    .answer(!method.equals("HEAD"));
        }
    }

    Wire.Answer ask(String method, String target, String headers, String body) throws IOException {
        String versioned = target + (target.contains("?") ? "&" : "?") + "api-version=1.0";
        return raw(method, versioned, "Content-Type: application/json\r\n" + headers, body);
    }

    Wire.Answer ask(String method, String target, String body) throws IOException {
        return ask(method, target, "", body);
    }

    /** The JSON of an answer that must have this status. */
    JsonNode json(int status, String method, String target, String body) throws IOException {
        Wire.Answer answer = ask(method, target, body);
        assertThat(answer.status())
                .as("%s %s: %s", method, target, answer.text())
                .isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        return parsed(answer);
    }

    JsonNode get(String target) throws IOException {
        return json(200, "GET", target, "");
    }

    /** The message of a refusal that must have this status and code. */
    static String message(Wire.Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        JsonNode error = parsed(answer).get("error");
        assertThat(error.get("code").stringValue()).isEqualTo(code);
        return error.get("message").stringValue();
    }

    void assertRefused(int status, String code, String words, String method, String target)
            throws IOException {
        assertThat(message(ask(method, target, ""), status, code)).contains(words);
    }

    void assertNotFound(String method, String target) throws IOException {
        assertRefused(404, "NotFound", "The resource was not found", method, target);
    }

    /** A new buffer, a second younger than the one before; tags as {@code "a":"1"}. */
    JsonNode create(String tags) throws IOException {
        clock.advance(Duration.ofSeconds(1));
        return json(201, "POST", "/buffers", "{\"tags\":{" + tags + "}}");
    }

    /**
     * Moves time on, and returns once what the server does by itself in that time is done. One that
     * had not begun to wait before would wait from the later time on.
     */
    void pass(Duration time) throws InterruptedException {
        clock.awaitWaiters(SLEEPERS);
        clock.advance(time);
        clock.awaitWaiters(SLEEPERS);
    }

    static String id(JsonNode buffer) {
        return buffer.get("id").stringValue();
    }

    static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.get("items").forEach(buffer -> ids.add(id(buffer)));
        return ids;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
