package dev.forebay.server;

import static dev.forebay.server.Rest.id;
import static dev.forebay.server.Rest.message;
import static dev.forebay.server.Rest.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Bodies that are not what they should be: each is refused with a sentence that says where and what
 * was expected, and nothing is half-created. And what must be forgiven is.
 */
class ControlPlaneBodiesTest {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String PREFIX = "Error deserializing input: ";

    @TempDir Path directory;
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        rest = new Rest(directory.resolve("data"));
    }

    @AfterEach
    void stop() throws IOException {
        rest.close();
    }

    private void assertNothingThere() throws IOException {
        assertThat(rest.get("/buffers/count").intValue()).isZero();
        assertThat(rest.server.containers().list()).isEmpty();
    }

    @Test
    void unrecognizedFieldsAreRejected() throws IOException {
        for (String body : List.of("{\"missing\":1}", "{\"tags\":{},\"owner\":{\"a\":[1]}}")) {
            String said = message(rest.ask("POST", "/buffers", body), 400, "InvalidInput");
            assertThat(said).startsWith(PREFIX + "Unrecognized property").contains("Path: $.");
        }
        assertNothingThere();
    }

    @Test
    void wrongTypesAreRejectedWithTheirPath() throws IOException {
        String[][] rows = {
            {"[]", "$."},
            {"\"text\"", "$."},
            {"1", "$."},
            {"null", "$."},
            {"{\"tags\":[]}", "$.tags."},
            {"{\"tags\":\"a\"}", "$.tags."},
            {"{\"tags\":{\"a\":1}}", "$.tags.a."},
            {"{\"tags\":{\"a\":true}}", "$.tags.a."},
            {"{\"tags\":{\"a\":[\"b\"]}}", "$.tags.a."},
            {"{\"tags\":{\"a\":{}}}", "$.tags.a."},
            {"{\"expiresAt\":\"tomorrow\"}", "$.expiresAt."},
            {"{\"expiresAt\":1}", "$.expiresAt."},
            {"{\"expiresAt\":{}}", "$.expiresAt."},
            {"{\"expiresAt\":\"2026-01-01T00:00:00\"}", "$.expiresAt."},
            {"{\"location\":1}", "$.location."},
            {"{\"isSoftDeleted\":\"perhaps\"}", "$.isSoftDeleted."},
            {"{\"isSoftDeleted\":\"true\"}", "$.isSoftDeleted."},
            {"{\"isSoftDeleted\":\"\"}", "$.isSoftDeleted."},
            {"{\"isSoftDeleted\":1}", "$.isSoftDeleted."},
            {"{\"isSoftDeleted\":0.0}", "$.isSoftDeleted."}
        };
        String kept = id(rest.create(""));
        for (String[] row : rows) {
            String said = message(rest.ask("POST", "/buffers", row[0]), 400, "InvalidInput");
            assertThat(said).startsWith(PREFIX).endsWith("Path: " + row[1]);
        }
        for (String[] row : List.of(rows).subList(0, 13)) {
            Wire.Answer put = rest.ask("PUT", "/buffers/" + kept, row[0]);
            assertThat(message(put, 400, "InvalidInput")).startsWith(PREFIX);
        }
        assertThat(rest.server.containers().list()).containsExactly(kept);
    }

    @Test
    void aTagWithoutAValueIsRejected() throws IOException {
        String kept = id(rest.create("\"a\":\"1\""));
        for (String[] call : new String[][] {{"POST", "/buffers"}, {"PUT", "/buffers/" + kept}}) {
            Wire.Answer answer = rest.ask(call[0], call[1], "{\"tags\":{\"a\":null}}");
            assertThat(message(answer, 400, "InvalidInput")).contains("'a'");
        }
        assertThat(rest.get("/buffers/" + kept).at("/tags/a").stringValue()).isEqualTo("1");
        assertThat(rest.server.containers().list()).containsExactly(kept);
    }

    @Test
    void brokenJsonIsRejected() throws IOException {
        for (String body :
                List.of(
                        "{",
                        "}",
                        "{\"tags\"",
                        "{\"tags\":{\"a\":\"b\"}",
                        "{'tags':{}}",
                        "{tags:{}}",
                        "{} {}",
                        "{}x",
                        "{\"tags\":{\"a\":\"\u0001\"}}",
                        "{\"tags\":{\"a\":\"\\x\"}}",
                        "\u00ff\u00fe",
                        "{\"tags\":{\"a\":\"\u00c3\"}}",
                        "[".repeat(100_000))) {
            Wire.Answer answer = rest.ask("POST", "/buffers", body);
            assertThat(message(answer, 400, "InvalidInput")).startsWith(PREFIX).contains("Path: $");
        }
        assertNothingThere();
    }

    @Test
    void duplicatedKeysAreRejected() throws IOException {
        for (String body :
                List.of(
                        "{\"tags\":{},\"tags\":{}}",
                        "{\"tags\":{},\"Tags\":{}}",
                        "{\"tags\":{},\"id\":\"\",\"TAGS\":null}",
                        "{\"tags\":{\"a\":\"1\",\"a\":\"2\"}}",
                        "{\"location\":\"\",\"location\":\"local\"}")) {
            String said = message(rest.ask("POST", "/buffers", body), 400, "InvalidInput");
            assertThat(said).startsWith(PREFIX + "Duplicate");
        }
        assertNothingThere();
        String kept = id(rest.create("\"a\":\"1\",\"A\":\"2\"")); // Keys of tags have a case.
        Wire.Answer put = rest.ask("PUT", "/buffers/" + kept, "{\"tags\":{},\"Tags\":{}}");
        assertThat(message(put, 400, "InvalidInput")).contains("Duplicate", "Path: $.Tags.");
        assertThat(rest.get("/buffers/" + kept).get("tags")).hasSize(2);
    }

    @Test
    void anEmptyBodyIsABadRequest() throws IOException {
        String kept = id(rest.create(""));
        for (String[] call : new String[][] {{"POST", "/buffers"}, {"PUT", "/buffers/" + kept}}) {
            assertThat(message(rest.ask(call[0], call[1], ""), 400, "BadRequest"))
                    .isEqualTo("expected a body of JSON, found none");
        }
        assertThat(rest.server.containers().list()).containsExactly(kept);
    }

    @Test
    void onlyJsonIsTakenForJson() throws IOException {
        String target = "/buffers?api-version=1.0";
        for (String type : List.of("", "text/plain", "application/jsonx", "multipart/form-data")) {
            String header = type.isEmpty() ? "" : "Content-Type: " + type + "\r\n";
            assertThat(message(rest.raw("POST", target, header, "{}"), 415, "BadRequest"))
                    .isEqualTo("expected Content-Type application/json, found '" + type + "'");
        }
        assertNothingThere();
        for (String type : List.of("application/json", "Application/JSON; charset=utf-8")) {
            assertThat(rest.raw("POST", target, "Content-Type: " + type + "\r\n", "{}").status())
                    .isEqualTo(201);
        }
    }

    @Test
    void aBodyBeyondTheLimitIsTooLarge() throws IOException {
        int limit = 1 << 20;
        String fits = "{}" + " ".repeat(limit - 2);
        assertThat(rest.ask("POST", "/buffers", fits).status()).isEqualTo(201);
        String start = "POST /buffers?api-version=1.0 HTTP/1.1\r\nHost: localhost\r\n" + JSON;
        try (Wire announced = new Wire(rest.server.uri())) {
            Wire.Answer answer =
                    announced
                            .send(start + "Content-Length: " + (limit + 1) + "\r\n\r\n")
                            .answer(true);
            assertThat(message(answer, 413, "BadRequest")).contains(Integer.toString(limit));
        }
        try (Wire chunked = new Wire(rest.server.uri())) {
            chunked.send(start + "Transfer-Encoding: chunked\r\n\r\n100000\r\n");
            chunked.send(" ".repeat(limit) + "\r\n1\r\n \r\n");
            assertThat(message(chunked.answer(true), 413, "BadRequest"))
                    .contains(Integer.toString(limit));
        }
        assertThat(rest.get("/buffers/count").intValue()).isEqualTo(1);
    }

    @Test
    void aBodyThatBreaksOffCreatesNothing() throws IOException {
        try (Wire wire = new Wire(rest.server.uri())) {
            wire.send(
                    "POST /buffers?api-version=1.0 HTTP/1.1\r\nHost: localhost\r\n"
                            + "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{}");
            wire.endInput();
            assertThat(wire.answer(true).status()).isEqualTo(400);
        }
        assertNothingThere();
    }

    @Test
    void namesWithoutCaseAndTrailingCommasAreForgiven() throws IOException {
        String body = "{\"ID\":\"mine\",\"Tags\":{\"a\":\"b\",},\"CREATEDAT\":null,}";
        JsonNode buffer = parsed(rest.ask("POST", "/buffers", body));
        assertThat(buffer.at("/tags/a").stringValue()).isEqualTo("b");
        assertThat(id(buffer)).isNotEqualTo("mine");
    }

    @Test
    void whatTheServerDecidesIsIgnoredInTheBody() throws IOException {
        String body =
                "{\"id\":\"x\",\"createdAt\":\"1999-01-01T00:00:00Z\",\"isSoftDeleted\":true,"
                        + "\"eTag\":\"1\"}";
        JsonNode buffer = rest.json(201, "POST", "/buffers", body);
        assertThat(buffer.get("createdAt").stringValue()).startsWith("2026");
        assertThat(buffer.has("isSoftDeleted")).isFalse();
        assertThat(rest.get("/buffers/" + id(buffer))).isEqualTo(buffer);
    }
}
