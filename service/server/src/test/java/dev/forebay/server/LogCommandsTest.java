package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the command line asks of the log of a running server. */
class LogCommandsTest {
    private static final JsonMapper MAPPER = new JsonMapper();

    @TempDir private static Path directory;
    private static LogServer log;

    @BeforeAll
    static void start() throws IOException {
        log = new LogServer(directory.resolve("data"));
    }

    @AfterAll
    static void stop() throws IOException {
        log.close();
    }

    private static HttpResponse<byte[]> post(String path, String body) throws Exception {
        return log.ask(
                "POST",
                "/log/v1/" + path,
                "Bearer " + log.token,
                body.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode json(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).as(LogServer.text(answer)).isEqualTo(200);
        return MAPPER.readTree(answer.body());
    }

    @Test
    void nameAndPasswordGiveATokenAndAWrongOneDoesNot() throws Exception {
        JsonNode granted =
                json(post("login", "{\"user\":\"operator\",\"password\":\"of the test\"}"));
        String token = granted.get("token").stringValue();
        assertThat(log.server.users().userOf(token)).hasValue(LogServer.USER);
        HttpResponse<byte[]> wrong =
                post("login", "{\"user\":\"operator\",\"password\":\"guessed\"}");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(LogServer.text(wrong)).contains("the name or the password is wrong");
    }

    @Test
    void entriesAreRecordedFoundCountedAndDeleted() throws Exception {
        String entries =
                """
                {"sync": true,
                 "texts": [{"message": "hello", "level": "LEVEL_INFO"}],
                 "comments": [{"message": "here", "timestamp": "2026-01-01T00:00:00Z"}],
                 "events": [{"type": "test:event", "start_time": "2026-01-01T00:00:01Z",
                   "end_time": "2026-01-01T00:00:01Z", "level": "LEVEL_HIGH"}]}
                """;
        assertThat(json(post("entries", entries)).get("durability").stringValue())
                .isEqualTo("synced");
        assertThat(json(post("blobs?channel=c&type=t&time_nsec=7", "data")).get("durability"))
                .isNotNull();
        JsonNode found = json(log.get("/log/v1/events?level=medium"));
        assertThat(found.get("events").get(0).get("type").stringValue()).isEqualTo("test:event");
        assertThat(found.get("comments").get(0).get("message").stringValue()).isEqualTo("here");
        JsonNode status = json(log.get("/log/v1/status"));
        assertThat(status.get("taken").asLong()).isEqualTo(4);
        assertThat(status.get("held").asLong()).isEqualTo(4);
        assertThat(status.get("blobs").get(0).get("channel").stringValue()).isEqualTo("c");
        JsonNode pages = json(log.get("/log/v1/pages?from_nsec=0&to_nsec=7"));
        assertThat(pages).hasSize(1);
        long id = pages.get(0).get("id").asLong();
        assertThat(LogServer.payloads(log.get("/log/v1/download?channel=c")))
                .containsExactly("data");
        HttpResponse<byte[]> deleted =
                log.ask("DELETE", "/log/v1/pages?id=" + id, "Bearer " + log.token, new byte[0]);
        assertThat(json(deleted).get("pages").get(Long.toString(id)).stringValue())
                .isEqualTo("DELETED");
        assertThat(log.get("/log/v1/download?channel=c").statusCode()).isEqualTo(204);
    }

    @Test
    void wrongRequestsSayWhatWasExpected() throws Exception {
        String[][] rows = {
            {"entries", "{}", "400", "expected texts, comments or events"},
            {"entries", "{\"texts\":[{\"mesage\":\"x\"}]}", "400", "'mesage' is unknown"},
            {"entries", "{\"events\":[{\"level\":\"LOUD\"}]}", "400", "'level'"},
            {"blobs?channel=c", "x", "422", "type"},
            {"blobs?type=t&time_nsec=now", "x", "400", "time_nsec"},
        };
        for (String[] row : rows) {
            HttpResponse<byte[]> answer = post(row[0], row[1]);
            assertThat(answer.statusCode()).as(row[1]).isEqualTo(Integer.parseInt(row[2]));
            assertThat(LogServer.text(answer)).as(row[1]).contains(row[3]);
        }
        for (String query : List.of("", "?id=x", "?id=1&colour=red")) {
            HttpResponse<byte[]> answer =
                    log.ask("DELETE", "/log/v1/pages" + query, "Bearer " + log.token, new byte[0]);
            assertThat(answer.statusCode()).as(query).isEqualTo(400);
        }
    }
}
