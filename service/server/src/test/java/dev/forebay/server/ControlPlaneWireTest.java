package dev.forebay.server;

import static dev.forebay.server.Rest.id;
import static dev.forebay.server.Rest.ids;
import static dev.forebay.server.Rest.message;
import static dev.forebay.server.Rest.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What the reference's own tests assert of its control plane, over HTTP: what is common to all
 * routes, and buffers as they are created, listed and tagged. A test is named after its row.
 */
class ControlPlaneWireTest {
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

    @Test
    void serviceMetadataContainsApiVersions() throws IOException {
        JsonNode metadata = parsed(rest.raw("GET", "/metadata", "", ""));
        assertThat(metadata.get("apiVersions").get(0).stringValue()).isEqualTo("1.0");
        assertThat(metadata.get("capabilities").toString()).isEqualTo("[\"LocalBuffers\"]");
        assertThat(metadata.get("storageEndpoints").get(0).stringValue())
                .isEqualTo("http://localhost/");
        // A client that sees one of these starts to ask for tokens.
        assertThat(metadata.has("authority")).isFalse();
        assertThat(metadata.has("rbacEnabled")).isFalse();
    }

    @Test
    void serverApiVersioningErrorsListTheVersions() throws IOException {
        String[][] rows = {
            {"", "ApiVersionUnspecified", "Unspecified API version"},
            {"?api-version=", "ApiVersionUnspecified", "Unspecified API version"},
            {"?api-version=0.1", "UnsupportedApiVersion", "Unsupported API version"},
            {"?api-version=one", "InvalidApiVersion", "Invalid API version"},
            {"?api-version=1.0&api-version=2.0", "AmbiguousApiVersion", "Ambiguous API version"}
        };
        for (String[] row : rows) {
            for (String path : List.of("/buffers", "/runs", "/codespecs/x")) {
                Wire.Answer answer = rest.raw("GET", path + row[0], "", "");
                assertThat(message(answer, 400, row[1])).isEqualTo(row[2]);
                assertThat(parsed(answer).at("/error/apiVersions/0").stringValue())
                        .isEqualTo("1.0");
            }
        }
        for (String good : List.of("api-version=1.0", "api-version=1", "API-Version=1.0")) {
            assertThat(rest.raw("GET", "/buffers?" + good, "", "").status()).isEqualTo(200);
        }
        for (String open : List.of("/metadata", "/healthcheck")) {
            assertThat(rest.raw("GET", open + "?api-version=0.1", "", "").status()).isEqualTo(200);
        }
    }

    @Test
    void serverApiV1BackwardCompatibility() throws IOException {
        rest.create("");
        rest.create("");
        assertThat(rest.raw("GET", "/v1/metadata?api-version=9", "", "").status()).isEqualTo(200);
        assertThat(
                        message(
                                rest.raw("GET", "/v1/buffers?api-version=0.1", "", ""),
                                400,
                                "UnsupportedApiVersion"))
                .isEqualTo("Unsupported API version");
        assertThat(rest.raw("POST", "/v1/runs/_sweep", "", "").status()).isEqualTo(200);
        for (String query : List.of("limit=1", "limit=1&api-version=", "limit=1&api-version=1.0")) {
            JsonNode first = parsed(rest.raw("GET", "/v1/buffers?" + query, "", ""));
            String next = first.get("nextLink").stringValue();
            for (String prefix : List.of("", "/v1")) {
                JsonNode second = parsed(rest.raw("GET", prefix + next, "", ""));
                assertThat(ids(second)).as(prefix + next).hasSize(1).isNotEqualTo(ids(first));
            }
        }
    }

    @Test
    void responseContainsRequestIdHeader() throws IOException {
        List<String> seen = new ArrayList<>();
        seen.add(rest.ask("GET", "/buffers", "").header("Request-Id"));
        seen.add(rest.ask("GET", "/buffers/nope", "").header("Request-Id"));
        seen.add(rest.ask("GET", "/nothing", "").header("Request-Id"));
        seen.add(rest.raw("GET", "/buffers", "", "").header("Request-Id"));
        seen.add(rest.ask("POST", "/buffers", "{").header("Request-Id"));
        assertThat(seen).doesNotContain("").doesNotHaveDuplicates();
    }

    @Test
    void unknownPathsAndMethodsAreInvalidRoutes() throws IOException {
        for (String target :
                List.of(
                        "/nothing",
                        "/buffers/a/b/c",
                        "/buffers/",
                        "/containers",
                        "/database-version-in-use")) {
            assertThat(message(rest.ask("GET", target, ""), 400, "InvalidRoute"))
                    .isEqualTo("The request path was not recognized.");
        }
        assertThat(message(rest.ask("PATCH", "/buffers", ""), 400, "InvalidRoute")).isNotEmpty();
        for (String file : List.of("/favicon.ico", "/swagger/v1.0/swagger.yaml")) {
            Wire.Answer answer = rest.ask("GET", file, "");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.text()).isEmpty();
        }
    }

    @Test
    void bufferWithoutTags() throws IOException {
        Wire.Answer answer = rest.ask("POST", "/buffers", Rest.NEW);
        assertThat(answer.status()).isEqualTo(201);
        JsonNode buffer = parsed(answer);
        assertThat(new ArrayList<>(buffer.propertyNames()))
                .containsExactly("id", "createdAt", "eTag");
        assertThat(id(buffer)).matches("[a-z2-7]{26}");
        assertThat(buffer.get("createdAt").stringValue())
                .isEqualTo("2026-01-01T00:00:00.000000+00:00");
        assertThat(answer.header("Location")).isEqualTo("/buffers/" + id(buffer));
        // The header carries the same text, and no quotes around it.
        assertThat(answer.header("ETag")).isEqualTo(buffer.get("eTag").stringValue());
        assertThat(answer.header("ETag")).doesNotContain("\"");
    }

    @Test
    void bufferWithTags() throws IOException {
        JsonNode buffer = rest.create("\"key-1._\":\"Value-1._\",\"empty\":\"\"");
        assertThat(buffer.at("/tags/key-1._").stringValue()).isEqualTo("Value-1._");
        assertThat(buffer.at("/tags/empty").stringValue()).isEmpty();
        assertThat(rest.get("/buffers/" + id(buffer))).isEqualTo(buffer);
    }

    @Test
    void bufferListWithoutTagsShowsWhatWasCreatedIdentically() throws IOException {
        JsonNode created = rest.create("\"b\":\"2\",\"a\":\"1\"");
        assertThat(rest.get("/buffers").get("items").get(0)).isEqualTo(created);
        assertThat(rest.get("/buffers").has("nextLink")).isFalse();
        Wire.Answer shown = rest.ask("GET", "/buffers/" + id(created), "");
        assertThat(parsed(shown)).isEqualTo(created);
        assertThat(shown.header("ETag")).isEqualTo(created.get("eTag").stringValue());
    }

    @Test
    void createBufferWithTtlTakesAnyOffset() throws IOException {
        JsonNode buffer =
                rest.json(
                        201,
                        "POST",
                        "/buffers",
                        "{\"expiresAt\":\"2026-01-03T14:30:30.1234567+02:00\"}");
        assertThat(buffer.get("expiresAt").stringValue())
                .isEqualTo("2026-01-03T12:30:30.123456+00:00");
        assertThat(rest.get("/buffers/" + id(buffer))).isEqualTo(buffer);
    }

    @Test
    void listBuffersBoundaries() throws IOException {
        rest.create("");
        rest.assertRefused(
                400,
                "InvalidInput",
                "Limit must be a non-negative integer.",
                "GET",
                "/buffers?limit=-1");
        for (String bad : List.of("x", "1.5", "99999999999")) {
            rest.assertRefused(400, "BadRequest", bad, "GET", "/buffers?limit=" + bad);
        }
        // Three, in Arabic.
        rest.assertRefused(400, "BadRequest", "integer", "GET", "/buffers?limit=%D9%A3");
        assertThat(rest.ask("GET", "/buffers?limit=0", "").text()).isEqualTo("{\"items\":[]}");
        assertThat(ids(rest.get("/buffers?limit=3000"))).hasSize(1);
    }

    @Test
    void bufferListWithLimit() throws IOException {
        List<String> made = List.of(id(rest.create("")), id(rest.create("")), id(rest.create("")));
        for (int limit = 1; limit <= 3; limit++) {
            assertThat(ids(rest.get("/buffers?limit=" + limit)))
                    .isEqualTo(made.reversed().subList(0, limit));
        }
    }

    @Test
    void pagingReachesAllOnceThroughRelativeLinks() throws IOException {
        List<String> made = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            made.addFirst(id(rest.create("\"a.b\":\"1\"")));
            rest.create("\"a.b\":\"2\"");
        }
        JsonNode page = rest.get("/buffers?limit=3&tag%5Ba.b%5D=1&excludeTag%5Bx%5D=y");
        List<String> seen = new ArrayList<>(ids(page));
        while (page.has("nextLink")) {
            String next = page.get("nextLink").stringValue();
            assertThat(Arrays.asList(next.substring("/buffers?".length()).split("&", -1)))
                    .contains("limit=3", "tag%5Ba.b%5D=1", "excludeTag%5Bx%5D=y", "api-version=1.0")
                    .filteredOn(pair -> pair.startsWith("_ct="))
                    .hasSize(1);
            page = parsed(rest.raw("GET", next, "", ""));
            seen.addAll(ids(page));
        }
        assertThat(seen).isEqualTo(made);
        for (String bad : List.of("nonsense", "%21", "MSwy%00")) {
            rest.assertRefused(
                    400,
                    "InvalidInput",
                    "Invalid continuation token.",
                    "GET",
                    "/buffers?_ct=" + bad);
        }
    }

    @Test
    void bufferListTagsAllMatchAndAnyExclusionExcludes() throws IOException {
        String both = id(rest.create("\"a\":\"1\",\"b\":\"1\""));
        String one = id(rest.create("\"a\":\"1\""));
        String other = id(rest.create("\"a\":\"2\",\"b\":\"1\""));
        String[][] rows = {
            {"tag[a]=1", one, both},
            {"tag%5Ba%5D=1&tag%5Bb%5D=1", both},
            {"tag[a]=1&excludeTag[b]=1", one},
            {"excludeTag[a]=1&excludeTag[b]=1"},
            {"excludeTag[b]=1", one},
            {"TAG[a]=1&EXCLUDETAG[b]=1", one},
            {"tag[unknown]=1"},
            {"excludeTag[unknown]=1", other, one, both},
            {"tag[a]=2&tag[a]=1", other},
            {"hasTag=b", other, both},
            {"hasTag=b&tag[a]=1", both},
            {"hasTag=a&excludeTag[b]=1", one},
            {"hasTag=a&hasTag=B"},
            {"hasTag=a&createdBefore=1970-01-01T00:00:00Z"},
            {"createdAfter=1960-01-01T00:00:00Z&tag[a]=2", other}
        };
        for (String[] row : rows) {
            String query = row[0].replace("[", "%5B").replace("]", "%5D");
            List<String> expected = Arrays.asList(row).subList(1, row.length);
            assertThat(ids(rest.get("/buffers?" + query))).as(row[0]).isEqualTo(expected);
            assertThat(rest.get("/buffers/count?" + query).intValue())
                    .as(row[0])
                    .isEqualTo(expected.size());
        }
    }

    @Test
    void tagKeysAndValuesAreComparedWithCase() throws IOException {
        JsonNode buffer = rest.create("\"key\":\"low\",\"KEY\":\"up\"");
        rest.create("\"key\":\"low\"");
        assertThat(buffer.at("/tags/key").stringValue()).isEqualTo("low");
        assertThat(buffer.at("/tags/KEY").stringValue()).isEqualTo("up");
        assertThat(ids(rest.get("/buffers?tag%5BKEY%5D=up"))).containsExactly(id(buffer));
        assertThat(ids(rest.get("/buffers?tag%5Bkey%5D=low&tag%5BKEY%5D=up")))
                .containsExactly(id(buffer));
        assertThat(ids(rest.get("/buffers?tag%5BKey%5D=low"))).isEmpty();
        assertThat(ids(rest.get("/buffers?tag%5Bkey%5D=LOW"))).isEmpty();
    }

    @Test
    void aFilterThatIsNotOneIsRefusedBeforeItMeansAll() throws IOException {
        rest.create("\"a\":\"1\"");
        for (String bad : List.of("tag%5Ba=1", "tag=a", "excludeTag%5Ba=1", "excludetag=a")) {
            for (String[] call : new String[][] {{"DELETE", "/buffers?"}, {"GET", "/buffers?"}}) {
                rest.assertRefused(400, "BadRequest", "[key]=value", call[0], call[1] + bad);
            }
        }
        assertThat(rest.get("/buffers/count?softDeleted=false").intValue()).isEqualTo(1);
    }

    @Test
    void tagRulesHoldOnCreationAndOnUpdate() throws IOException {
        String id = id(rest.create("\"a\":\"1\""));
        StringBuilder many = new StringBuilder("\"k\":\"\"");
        for (int i = 0; i < 100; i++) {
            many.append(",\"k").append(i).append("\":\"\"");
        }
        String[][] rows = {
            {"\"a b\":\"1\"", "Tag keys must contain up to 128"},
            {"\"\":\"1\"", "Tag keys must contain up to 128"},
            {"\"" + "k".repeat(129) + "\":\"1\"", "Tag keys must contain up to 128"},
            {"\"a\":\"x y\"", "Tag values can contain up to 256"},
            {"\"a\":\"" + "v".repeat(257) + "\"", "Tag values can contain up to 256"},
            {many.toString(), "No more than 100 tags"}
        };
        for (String[] row : rows) {
            String body = "{\"tags\":{" + row[0] + "}}";
            for (String[] call : new String[][] {{"POST", "/buffers"}, {"PUT", "/buffers/" + id}}) {
                assertThat(message(rest.ask(call[0], call[1], body), 400, "InvalidInput"))
                        .startsWith(row[1]);
            }
        }
        assertThat(rest.get("/buffers/count").intValue()).isEqualTo(1);
        assertThat(rest.server.containers().list()).containsExactly(id);
    }

    @Test
    void bufferSetTagsReplacesAllOfThemAndBufferSetClearTagsLeavesNone() throws IOException {
        JsonNode buffer = rest.create("\"a\":\"1\",\"b\":\"2\"");
        String at = "/buffers/" + id(buffer);
        JsonNode set = rest.json(200, "PUT", at, "{\"tags\":{\"b\":\"3\",\"c\":\"4\"}}");
        assertThat(set.get("tags").toString())
                .isIn("{\"b\":\"3\",\"c\":\"4\"}", "{\"c\":\"4\",\"b\":\"3\"}");
        assertThat(rest.get(at)).isEqualTo(set);
        for (String none : List.of("{}", "{\"tags\":null}", "{\"tags\":{}}")) {
            rest.json(200, "PUT", at, "{\"tags\":{\"x\":\"y\"}}");
            assertThat(rest.json(200, "PUT", at, none).has("tags")).isFalse();
        }
        assertThat(rest.get(at).get("eTag")).isEqualTo(rest.json(200, "PUT", at, "{}").get("eTag"));
    }

    @Test
    void bufferSetTagsWithETagWorksAndChangesTheETag() throws IOException {
        JsonNode buffer = rest.create("\"a\":\"1\"");
        String at = "/buffers/" + id(buffer);
        Set<String> versions = new HashSet<>();
        String version = buffer.get("eTag").stringValue();
        for (String body : List.of("{\"tags\":{\"a\":\"2\"}}", "{\"tags\":{\"b\":\"2\"}}", "{}")) {
            assertThat(versions.add(version)).isTrue();
            Wire.Answer set = rest.ask("PUT", at, "If-Match: " + version + "\r\n", body);
            assertThat(set.status()).isEqualTo(200);
            version = parsed(set).get("eTag").stringValue();
            assertThat(set.header("ETag")).isEqualTo(version);
        }
        for (String same : List.of(version, "\"" + version + "\"", "*")) {
            Wire.Answer set = rest.ask("PUT", at, "If-Match: " + same + "\r\n", "{}");
            assertThat(set.header("ETag")).isEqualTo(version);
        }
    }

    @Test
    void bufferSetWithInvalidETagIsRefusedAndChangesNothing() throws IOException {
        JsonNode buffer = rest.create("\"a\":\"1\"");
        String at = "/buffers/" + id(buffer);
        for (String bad : List.of("1", "nonsense", "W/\"1\"")) {
            Wire.Answer answer = rest.ask("PUT", at, "If-Match: " + bad + "\r\n", "{}");
            assertThat(message(answer, 412, "PreconditionFailed")).isEqualTo("ETag does not match");
        }
        assertThat(rest.get(at)).isEqualTo(buffer);
        Wire.Answer unknown = rest.ask("PUT", "/buffers/nope", "{}");
        assertThat(message(unknown, 404, "NotFound")).contains("was not found");
    }

    @Test
    void anUpdateIgnoresWhatItDoesNotKnowButNotAnotherId() throws IOException {
        JsonNode buffer = rest.create("");
        String at = "/buffers/" + id(buffer);
        JsonNode set = rest.json(200, "PUT", at, "{\"eTag\":\"1\",\"more\":[{}],\"id\":\"\"}");
        assertThat(set).isEqualTo(buffer);
        rest.json(200, "PUT", at, "{\"id\":\"" + id(buffer) + "\"}");
        assertThat(message(rest.ask("PUT", at, "{\"id\":\"other\"}"), 400, "BadRequest"))
                .contains("'other'");
    }

    @Test
    void theLimitOfTimeIsTheLastYearOfFourDigits() throws IOException {
        String last = "9999-12-31T23:59:59.000000+00:00";
        JsonNode buffer = rest.json(201, "POST", "/buffers", "{\"expiresAt\":\"" + last + "\"}");
        assertThat(buffer.get("expiresAt").stringValue()).isEqualTo(last);
        String at = "/buffers/" + id(buffer);
        String body = "{\"expiresAt\":\"+10000-01-01T00:00:00Z\"}";
        assertThat(message(rest.ask("POST", "/buffers", body), 400, "InvalidInput"))
                .contains("9999");
        assertThat(message(rest.ask("PUT", at, body), 400, "InvalidInput")).contains("9999");
        rest.assertRefused(400, "InvalidInput", "9999", "DELETE", at + "?ttl=10675199");
        rest.assertRefused(400, "InvalidInput", "9999", "DELETE", "/buffers?ttl=10675199");
        assertThat(rest.get("/buffers/count").intValue()).isEqualTo(1);
    }
}
