package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Seeded mutations of good requests: whatever comes is answered below 500 or cut off, and the next
 * good request finds everything in order. {@code -Dforebay.fuzz.rounds} for more.
 */
class ControlPlaneFuzzTest {
    private static final int ROUNDS = Integer.getInteger("forebay.fuzz.rounds", 1500);
    private static final List<String> SHARDS =
            List.of(
                    "%",
                    "%00",
                    "%2F",
                    "..",
                    "/",
                    "//",
                    "?",
                    "&",
                    "=",
                    "[",
                    "]",
                    "tag%5Ba%5D=",
                    "excludeTag%5B",
                    "softDeleted=true",
                    "ttl=",
                    "10675199",
                    "-1",
                    "9".repeat(30),
                    "limit=",
                    "_ct=",
                    "MSwy",
                    "+1000000000-01-01T00:00:00Z",
                    "null",
                    "{",
                    "}",
                    "[[",
                    "\"",
                    "\\u0000",
                    "\\ud800",
                    "\u00ff",
                    "\0",
                    ",",
                    ":",
                    "true",
                    "1e999",
                    "tags",
                    "expiresAt",
                    "api-version=2",
                    "/v1/",
                    "restore",
                    "count",
                    "access",
                    "\u00c3\u00a4",
                    "W/\"x\"",
                    "*");

    private static final String CODESPEC =
            "{\"kind\":\"job\",\"image\":\"i\",\"args\":[\"$(IN_PIPE)\"],\"buffers\":{\"inputs\":[\"in\"]},"
                    + "\"resources\":{\"gpu\":1,\"limits\":{\"cpu\":\"500m\"}},"
                    + "\"sockets\":[{\"port\":80,\"inputBuffer\":\"in\"}]}";

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

    private record Call(String method, String target, String headers, String body) {}

    private static List<Call> good(String id) {
        String time = "2027-01-01T00:00:00+01:00";
        String body =
                "{\"tags\":{\"a\":\"b\"},\"expiresAt\":\"" + time + "\",\"location\":\"local\"}";
        String match = "If-Match: 12345\r\n";
        String filter = "tag%5Ba%5D=b&excludeTag%5Bc%5D=d&softDeleted=false";
        return List.of(
                new Call("POST", "/buffers?", "", body),
                new Call("GET", "/buffers?" + filter + "&limit=3&_ct=MSxh&", "", ""),
                new Call("GET", "/buffers/count?" + filter + "&", "", ""),
                new Call("GET", "/buffers/" + id + "?softDeleted=false&", "", ""),
                new Call("PUT", "/buffers/" + id + "?", match, body),
                new Call("DELETE", "/buffers/" + id + "?ttl=0.01:00:00&", "", ""),
                new Call("POST", "/buffers/" + id + "/restore?", "", ""),
                new Call("POST", "/buffers/" + id + "/access?writeable=true&ttl=00:01&", "", ""),
                new Call("DELETE", "/buffers?" + filter + "&ttl=1&", "", ""),
                new Call("POST", "/buffers/restore?" + filter + "&", "", ""),
                new Call("GET", "/buffers/storage-accounts?", "", ""),
                new Call("POST", "/runs?", "", "{\"job\":{\"codespec\":" + CODESPEC + "}}"),
                new Call("GET", "/runs?status=!Failed%7C%7CRunning&tag%5Ba%5D=b&limit=3&", "", ""),
                new Call("GET", "/runs/counts?finishedAfter=" + time + "&codespec=x&", "", ""),
                new Call("PUT", "/runs/1?", match, "{\"tags\":{\"a\":\"b\"}}"),
                new Call("PUT", "/codespecs/x?", "", CODESPEC),
                new Call("GET", "/codespecs?prefix=x&tag%5Ba%5D=b&limit=3&_ct=eA&", "", ""),
                new Call("GET", "/codespecs/x/versions/1?", "", ""),
                new Call("PUT", "/codespecs/x/tags?", match, "{\"tags\":{\"a\":\"b\"}}"),
                new Call("POST", "/runs/_sweep?", "", ""),
                new Call("GET", "/metadata?", "", ""));
    }

    private static String mutated(Random random, String text, int most) {
        StringBuilder mutated = new StringBuilder(text);
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            int at = random.nextInt(mutated.length() + 1);
            int end = Math.min(mutated.length(), at + random.nextInt(4));
            String shard =
                    random.nextInt(3) > 0
                            ? SHARDS.get(random.nextInt(SHARDS.size()))
                            : Character.toString(random.nextInt(256));
            switch (random.nextInt(3)) {
                case 0 -> mutated.replace(at, end, shard);
                case 1 -> mutated.insert(at, shard);
                default -> mutated.delete(at, end);
            }
        }
        return mutated.toString();
    }

    /** Mutated in its body, its query, its headers or anywhere; the length is true unless last. */
    private static String request(Random random, Call call) {
        int where = random.nextInt(4);
        String target = call.target + "api-version=1.0";
        if (where == 1) {
            int from = 1 + random.nextInt(target.length());
            String rest = mutated(random, target.substring(from), 3);
            target = target.substring(0, from) + rest.replaceAll("[\\s\\x00-\\x20]", "_");
        }
        String headers = "Content-Type: application/json\r\n" + call.headers;
        if (where == 2) {
            headers = mutated(random, headers, 3) + "\r\n";
        }
        String body = where == 0 ? mutated(random, call.body, 4) : call.body;
        String text =
                call.method
                        + " "
                        + target
                        + " HTTP/1.1\r\nHost: localhost\r\n"
                        + headers
                        + "Content-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body;
        return where == 3 ? mutated(random, text, 4) : text;
    }

    private int status(String text) throws IOException {
        try (Wire wire = new Wire(rest.server.uri())) {
            try {
                wire.send(text);
                wire.endInput();
                return wire.answer(false).status();
            } catch (IOException e) {
                return 400; // Closed on it without a word: refused, too.
            }
        }
    }

    @Test
    void mutatedRequestsNeverFailTheServerNorTheNextRequest() throws IOException {
        Random random = new Random(20_261_122);
        JsonNode kept = rest.create("\"kept\":\"1\"");
        for (int round = 0; round < ROUNDS; round++) {
            List<Call> calls = good(Rest.id(kept));
            String text = request(random, calls.get(random.nextInt(calls.size())));
            int status = status(text);
            // 505 is what a broken version of HTTP itself is due, 501 an unknown encoding of a
            // body.
            assertThat(status == 505 || status == 501 ? 400 : status)
                    .as("round %s: %s", round, text)
                    .isBetween(200, 499);
            if (round % 100 == 0) {
                assertSound();
            }
        }
        assertSound();
    }

    /** What the catalogue lists has its container, and the whole way of a buffer goes. */
    private void assertSound() throws IOException {
        assertThat(rest.ask("POST", "/runs/_sweep", "").status()).isEqualTo(200);
        int listed = rest.get("/buffers?limit=2000").get("items").size();
        int deleted = rest.get("/buffers?softDeleted=true&limit=2000").get("items").size();
        assertThat(rest.server.containers().list()).hasSize(listed + deleted);
        String at = "/buffers/" + Rest.id(rest.create("\"a\":\"b\""));
        rest.json(200, "PUT", at, "{}");
        rest.json(200, "DELETE", at, "");
        rest.json(200, "DELETE", at + "?softDeleted=true&ttl=0", "");
    }
}
