package dev.forebay.server;

import static dev.forebay.server.Rest.id;
import static dev.forebay.server.Rest.ids;
import static dev.forebay.server.Rest.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What the reference's own tests assert of its control plane, over HTTP: how buffers expire, are
 * deleted, restored, purged and opened, and what a server without an executor says of runs.
 */
class ControlPlaneLifecycleTest {

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

    /** Makes what ends now a thing of the past, and has it swept. */
    private void sweep() throws IOException {
        rest.clock.advance(Duration.ofSeconds(1));
        assertThat(rest.ask("POST", "/runs/_sweep", "").status()).isEqualTo(200);
    }

    private String now() {
        return rest.clock.wall().toString();
    }

    @Test
    void bufferSetTtlZeroExpiresNowAndIsShownTheSameLater() throws IOException {
        String at = "/buffers/" + id(rest.create("\"a\":\"1\""));
        JsonNode set = rest.json(200, "PUT", at, "{\"tags\":{},\"expiresAt\":\"" + now() + "\"}");
        assertThat(set.get("expiresAt").stringValue())
                .isEqualTo("2026-01-01T00:00:01.000000+00:00");
        assertThat(rest.get(at)).isEqualTo(set);
        assertThat(rest.json(200, "PUT", at, "{\"expiresAt\":null}")).isEqualTo(set);
    }

    @Test
    void bufferSetTtlOnDeletedBufferNeedsSoftDeleted() throws IOException {
        String id = id(rest.create(""));
        rest.json(200, "DELETE", "/buffers/" + id, "");
        String body = "{\"expiresAt\":\"" + now() + "\"}";
        assertThat(Rest.message(rest.ask("PUT", "/buffers/" + id, body), 404, "NotFound"))
                .contains("not found");
        JsonNode set = rest.json(200, "PUT", "/buffers/" + id + "?softDeleted=true", body);
        assertThat(set.get("isSoftDeleted").booleanValue()).isTrue();
        assertThat(set.get("expiresAt").stringValue())
                .isEqualTo("2026-01-01T00:00:01.000000+00:00");
    }

    @Test
    void bufferSetTtlAndTagsWithETag() throws IOException {
        JsonNode buffer = rest.create("");
        String at = "/buffers/" + id(buffer);
        String match = "If-Match: " + buffer.get("eTag").stringValue() + "\r\n";
        String body = "{\"tags\":{\"a\":\"1\"},\"expiresAt\":\"2026-02-01T00:00:00Z\"}";
        JsonNode set = parsed(rest.ask("PUT", at, match, body));
        assertThat(set.get("expiresAt").stringValue()).startsWith("2026-02-01");
        assertThat(set.at("/tags/a").stringValue()).isEqualTo("1");
        assertThat(rest.ask("PUT", at, match, body).status()).isEqualTo(412);
    }

    @Test
    void bufferDeleteByIdHidesAndSoftDeletedShowsTheSameAndRestoreBringsBack() throws IOException {
        JsonNode buffer = rest.create("\"a\":\"1\"");
        String at = "/buffers/" + id(buffer);
        Wire.Answer answer = rest.ask("DELETE", at, "");
        JsonNode deleted = parsed(answer);
        assertThat(deleted.get("isSoftDeleted").booleanValue()).isTrue();
        assertThat(deleted.get("expiresAt").stringValue())
                .isEqualTo("2026-01-02T00:00:01.000000+00:00");
        assertThat(deleted.get("eTag")).isNotEqualTo(buffer.get("eTag"));
        assertThat(answer.header("ETag")).isEqualTo(deleted.get("eTag").stringValue());
        rest.assertNotFound("GET", at);
        assertThat(ids(rest.get("/buffers"))).isEmpty();
        assertThat(rest.get(at + "?softDeleted=true")).isEqualTo(deleted);
        assertThat(rest.get("/buffers?softDeleted=true").get("items").get(0)).isEqualTo(deleted);
        assertThat(rest.json(200, "POST", at + "/restore", "")).isEqualTo(buffer);
        assertThat(rest.get(at)).isEqualTo(buffer);
        assertThat(ids(rest.get("/buffers?softDeleted=true"))).isEmpty();
    }

    @Test
    void bufferDeletionStates() throws IOException {
        String at = "/buffers/" + id(rest.create(""));
        String purge = at + "?softDeleted=true&ttl=0";
        String notDeleted = "Buffer is not soft-deleted";
        rest.assertRefused(412, "PreconditionFailed", notDeleted, "POST", at + "/restore");
        rest.assertRefused(412, "PreconditionFailed", notDeleted, "DELETE", purge);
        rest.json(200, "DELETE", at, "");
        rest.assertRefused(
                412, "PreconditionFailed", "Buffer is already soft-deleted", "DELETE", at);
        JsonNode purged = rest.json(200, "DELETE", purge, "");
        assertThat(purged.get("expiresAt").stringValue())
                .isEqualTo("2026-01-01T00:00:01.000000+00:00");
        sweep();
        for (String[] call :
                new String[][] {
                    {"DELETE", at}, {"DELETE", purge}, {"POST", at + "/restore"}, {"GET", at}
                }) {
            rest.assertNotFound(call[0], call[1]);
        }
        rest.assertNotFound("GET", at + "?softDeleted=true");
    }

    @Test
    void aDeletedBufferThatHasExpiredIsNotBroughtBack() throws IOException {
        String at = "/buffers/" + id(rest.create(""));
        rest.json(200, "DELETE", at + "?ttl=0", "");
        rest.clock.advance(Duration.ofSeconds(1));
        rest.assertNotFound("POST", at + "/restore");
        assertThat(rest.json(200, "POST", "/buffers/restore", "").intValue()).isZero();
        assertThat(rest.get("/buffers/count").intValue()).isZero();
    }

    @Test
    void bufferDeleteMultipleIds() throws IOException {
        List<String> ids = List.of(id(rest.create("")), id(rest.create("")), id(rest.create("")));
        for (String id : ids) {
            assertThat(id(rest.json(200, "DELETE", "/buffers/" + id, ""))).isEqualTo(id);
        }
        assertThat(ids(rest.get("/buffers?softDeleted=true"))).isEqualTo(ids.reversed());
    }

    @Test
    void bufferDeleteByTagWithExclusionsNewestFirst() throws IOException {
        String first = id(rest.create("\"t\":\"1\""));
        String kept = id(rest.create("\"t\":\"1\",\"keep\":\"1\""));
        String second = id(rest.create("\"t\":\"1\""));
        String other = id(rest.create("\"u\":\"1\""));
        String filter = "tag%5Bt%5D=1&excludeTag%5Bkeep%5D=1";
        assertThat(rest.json(200, "DELETE", "/buffers?" + filter, "").intValue()).isEqualTo(2);
        assertThat(ids(rest.get("/buffers?softDeleted=true"))).containsExactly(second, first);
        assertThat(ids(rest.get("/buffers"))).containsExactly(other, kept);
        assertThat(rest.get("/buffers/count").intValue()).isEqualTo(4);
        assertThat(rest.get("/buffers/count?softDeleted=true").intValue()).isEqualTo(2);
        assertThat(rest.get("/buffers/count?softDeleted=perhaps").intValue()).isEqualTo(4);
        assertThat(rest.json(200, "POST", "/buffers/restore?" + filter, "").intValue())
                .isEqualTo(2);
        assertThat(ids(rest.get("/buffers"))).containsExactly(other, second, kept, first);
        assertThat(rest.json(200, "DELETE", "/buffers?hasTag=u", "").intValue()).isEqualTo(1);
        assertThat(ids(rest.get("/buffers"))).containsExactly(second, kept, first);
        assertThat(rest.json(200, "DELETE", "/buffers", "").intValue()).isEqualTo(3);
        assertThat(rest.json(200, "DELETE", "/buffers?softDeleted=true&ttl=0", "").intValue())
                .isEqualTo(4);
    }

    @Test
    void bufferPurgeRemovesDataAndHonoursExclusions() throws IOException {
        String purged = id(rest.create("\"p\":\"1\""));
        String kept = id(rest.create("\"p\":\"1\",\"keep\":\"1\""));
        String url = pathOf(access(purged, "writeable=true"));
        String blob = url.replace("?", "/00/000?");
        assertThat(rest.raw("PUT", blob, "", "Hello").status()).isEqualTo(201);
        rest.json(200, "DELETE", "/buffers", "");
        // Deletion alone leaves the data, or it could not be restored.
        assertThat(rest.raw("GET", blob, "", "").text()).isEqualTo("Hello");
        String bulk = "/buffers?softDeleted=true&ttl=0&excludeTag%5Bkeep%5D=1";
        assertThat(rest.json(200, "DELETE", bulk, "").intValue()).isEqualTo(1);
        sweep();
        assertThat(rest.raw("GET", blob, "", "").header("x-ms-error-code"))
                .isEqualTo("ContainerNotFound");
        assertThat(rest.server.containers().list()).containsExactly(kept);
        assertThat(ids(rest.get("/buffers?softDeleted=true"))).containsExactly(kept);
    }

    @Test
    void bufferSetTtlTriggersDeleterWithoutBeingAsked() throws Exception {
        String at = "/buffers/" + id(rest.create(""));
        String ended = "{\"expiresAt\":\"" + now() + "\"}";
        rest.json(200, "PUT", at, ended);
        assertThat(ids(rest.get("/buffers"))).hasSize(1); // Expired, and not swept yet.
        assertThat(rest.get("/buffers/count").intValue()).isEqualTo(1); // It ends with this second.
        rest.pass(Duration.ofSeconds(21));
        assertThat(rest.get(at + "?softDeleted=true").get("expiresAt").stringValue())
                .startsWith("2026-01-02");
        rest.json(200, "PUT", at + "?softDeleted=true", ended);
        rest.pass(Duration.ofSeconds(21));
        rest.assertNotFound("GET", at + "?softDeleted=true");
        assertThat(rest.server.containers().list()).isEmpty();
    }

    @Test
    void softDeletedIsTrueOrFalse() throws IOException {
        String id = id(rest.create(""));
        for (String[] call :
                new String[][] {
                    {"GET", "/buffers?"},
                    {"GET", "/buffers/" + id + "?"},
                    {"DELETE", "/buffers/" + id + "?"},
                    {"DELETE", "/buffers?"}
                }) {
            for (String bad : List.of("softDeleted=1", "softDeleted=", "softDeleted=maybe")) {
                rest.assertRefused(
                        400,
                        "BadRequest",
                        "softDeleted must be true or false",
                        call[0],
                        call[1] + bad);
            }
        }
        assertThat(ids(rest.get("/buffers?SoftDeleted=False"))).containsExactly(id);
    }

    @Test
    void ttlIsATimeSpan() throws IOException {
        String[][] rows = {
            {"0", "2026-01-01T00:00:01"},
            {"0.00:01:00", "2026-01-01T00:01:01"},
            {"01:00:00", "2026-01-01T01:00:01"},
            {"2", "2026-01-03T00:00:01"},
            {"2.12:30:30.5", "2026-01-03T12:30:31.500000"}
        };
        String at = "/buffers/" + id(rest.create(""));
        rest.json(200, "DELETE", at, "");
        for (String[] row : rows) {
            JsonNode ended = rest.json(200, "DELETE", at + "?softDeleted=true&ttl=" + row[0], "");
            assertThat(ended.get("expiresAt").stringValue()).startsWith(row[1]);
        }
        for (String bad : List.of("-1", "1d", "", "24:00", "0:0:60", "99999999")) {
            String query = "?ttl=" + bad;
            String said = "ttl must be a valid, non-negative TimeSpan";
            rest.assertRefused(
                    400, "BadRequest", said, "DELETE", at + "?softDeleted=true&ttl=" + bad);
            rest.assertRefused(400, "BadRequest", said, "DELETE", "/buffers" + query);
            rest.assertRefused(400, "BadRequest", said, "POST", at + "/access" + query);
        }
    }

    private String access(String id, String query) throws IOException {
        return rest.json(201, "POST", "/buffers/" + id + "/access?" + query, "")
                .get("uri")
                .stringValue();
    }

    private static String pathOf(String url) {
        URI uri = URI.create(url);
        return uri.getRawPath() + "?" + uri.getRawQuery();
    }

    @Test
    void accessUrlsAreOfHttpWhateverSchemeTheTargetOfTheRequestNamed() throws IOException {
        String path = "://localhost/buffers/" + id(rest.create("")) + "/access";
        for (String scheme : List.of("ftp", "http", "javascript", "http+unix")) {
            assertThat(rest.json(201, "POST", scheme + path, "").get("uri").stringValue())
                    .as(scheme)
                    .startsWith("http://localhost/containers/");
        }
        assertThat(rest.json(201, "POST", "https" + path, "").get("uri").stringValue())
                .startsWith("https://localhost/containers/");
    }

    @Test
    void accessUrlsAreAbsoluteAndAllowWhatWasAsked() throws IOException {
        String id = id(rest.create(""));
        String reads = access(id, "writeable=false");
        assertThat(reads)
                .startsWith("http://localhost/containers/" + id + "?api-version=1.0&sv=0.1.0&sp=r&")
                .contains("&st=2026-01-01T00%3A00%3A01Z&se=2026-01-01T01%3A00%3A01Z&sig=")
                .doesNotContain("relay");
        assertThat(access(id, "preferTcp=true&fromDocker=true")).contains("&sp=r&");
        String writes = access(id, "writeable=true");
        assertThat(writes).contains("&sp=cr&");
        String put = pathOf(reads).replace("?", "/00/000?");
        assertThat(rest.raw("PUT", put, "", "x").header("x-ms-error-code"))
                .isEqualTo("AuthorizationPermissionMismatch");
        assertThat(rest.raw("PUT", pathOf(writes).replace("?", "/00/000?"), "", "x").status())
                .isEqualTo(201);
    }

    @Test
    void bufferAccessUrlEndsWithItsTtl() throws IOException {
        String id = id(rest.create(""));
        String at = "/buffers/" + id + "/access?ttl=";
        String url = pathOf(access(id, "ttl=0.00:00:30")).replace("?", "/00/000?");
        rest.clock.advance(Duration.ofSeconds(30));
        assertThat(rest.raw("GET", url, "", "").status()).isEqualTo(404);
        rest.clock.advance(Duration.ofNanos(1));
        Wire.Answer late = rest.raw("GET", url, "", "");
        assertThat(late.status()).isEqualTo(403);
        assertThat(late.header("x-ms-error-code")).isEqualTo("AuthenticationFailed");
        rest.assertRefused(
                400, "InvalidInput", "Access TTL must be at least 30 seconds.", "POST", at + "0");
        rest.assertRefused(
                400,
                "InvalidInput",
                "Access TTL must be less than or equal to 01:00:00.",
                "POST",
                at + "01:00:01");
    }

    @Test
    void accessToWhatIsUnknownMalformedOrDeletedIsNotFound() throws IOException {
        String deleted = id(rest.create(""));
        rest.json(200, "DELETE", "/buffers/" + deleted, "");
        for (String id :
                List.of("abcdefghijklmnopqrstuvwxyz", "a-b", "a.b", "temp-x", "%20", deleted)) {
            rest.assertNotFound("POST", "/buffers/" + id + "/access?writeable=true");
        }
    }

    @Test
    void storageAccountsAreTheOneOfThisServer() throws IOException {
        JsonNode accounts = rest.get("/buffers/storage-accounts");
        assertThat(accounts).hasSize(1);
        assertThat(accounts.get(0).get("name").stringValue()).isEqualTo("local");
        assertThat(accounts.get(0).get("location").stringValue()).isEqualTo("local");
        assertThat(accounts.get(0).get("endpoint").stringValue()).isEqualTo("http://localhost/");
        for (String location : List.of("local", "LOCAL", "")) {
            rest.json(201, "POST", "/buffers", "{\"location\":\"" + location + "\"}");
        }
        Wire.Answer elsewhere = rest.ask("POST", "/buffers", "{\"location\":\"mars\"}");
        assertThat(Rest.message(elsewhere, 400, "InvalidInput")).contains("'mars'", "'local'");
    }

    @Test
    void whatThisServerDoesNotHaveIsRefusedInWords() throws IOException {
        rest.assertRefused(
                400,
                "InvalidInput",
                "Exporting buffers is not supported with local storage.",
                "POST",
                "/buffers/export");
        rest.assertRefused(
                400,
                "InvalidInput",
                "Importing buffers is not supported with local storage.",
                "POST",
                "/buffers/import");
        Wire.Answer swept = rest.ask("POST", "/runs/_sweep", "");
        assertThat(swept.status()).isEqualTo(200);
        assertThat(swept.text()).isEmpty();
    }
}
