package dev.forebay.server;

import static dev.forebay.server.Rest.message;
import static dev.forebay.server.Rest.parsed;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * What the reference's own tests assert of codespecs, over HTTP, and their tags beside them. A test
 * is named after its row.
 */
class CodespecWireTest {
    /** All that the reference's strict decoder knows. */
    private static final Set<String> FIELDS =
            Set.of(
                    "kind",
                    "name",
                    "version",
                    "createdAt",
                    "image",
                    "command",
                    "args",
                    "workingDir",
                    "env",
                    "identity",
                    "resources",
                    "maxReplicas",
                    "buffers",
                    "sockets",
                    "endpoints");

    private static final String FULL =
            """
            {"kind":"job","name":"full","createdAt":"0001-01-01T00:00:00Z","image":"ubuntu",
            "command":["sh","-c"],"args":["cat $(IN_PIPE) > $(OUT-1_PIPE)","$$(RAW_PIPE)"],
            "workingDir":"/work","env":{"B":"2","A":"1"},"identity":"me","maxReplicas":3,
            "buffers":{"inputs":["in","raw"],"outputs":["out-1"]},
            "sockets":[{"port":8000,"inputBuffer":"raw","more":1}],
            "resources":{"requests":{"cpu":1,"memory":"1Gi"},"limits":{"cpu":"1.5","memory":2e9},
            "gpu":1,"shm":"64Mi"}}\
            """;

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

    private static String job(String more) {
        return "{\"kind\":\"job\",\"image\":\"busybox\"" + more + "}";
    }

    private int version(String name, String body) throws IOException {
        Wire.Answer answer = rest.ask("PUT", "/codespecs/" + name, body);
        assertThat(answer.status()).as(answer.text()).isIn(200, 201);
        int version = parsed(answer).get("version").intValue();
        assertThat(answer.status()).isEqualTo(version == 1 ? 201 : 200);
        assertThat(answer.header("Location")).isEqualTo("/codespecs/" + name + "/" + version);
        return version;
    }

    private String refused(String body) throws IOException {
        return message(rest.ask("PUT", "/codespecs/bad", body), 400, "InvalidInput");
    }

    private static List<String> names(JsonNode page) {
        List<String> names = new ArrayList<>();
        page.get("items").forEach(codespec -> names.add(codespec.get("name").stringValue()));
        return names;
    }

    @Test
    void createCodespecsWithSpecFileGivesEveryFieldBackAndNoOther() throws IOException {
        JsonNode created = rest.json(201, "PUT", "/codespecs/full", FULL);
        assertThat(new TreeSet<>(created.propertyNames()))
                .isSubsetOf(FIELDS)
                .hasSize(FIELDS.size() - 1); // Only workers have endpoints.
        assertThat(created.get("createdAt").stringValue()).startsWith("2026");
        assertThat(created.get("args").toString())
                .isEqualTo("[\"cat $(IN_PIPE) > $(OUT-1_PIPE)\",\"$$(RAW_PIPE)\"]");
        assertThat(created.get("env").toString()).isEqualTo("{\"B\":\"2\",\"A\":\"1\"}");
        assertThat(created.get("resources").toString())
                .isEqualTo(
                        "{\"requests\":{\"cpu\":\"1\",\"memory\":\"1Gi\"},"
                                + "\"limits\":{\"cpu\":\"1.5\",\"memory\":\"2e9\"},"
                                + "\"gpu\":\"1\",\"shm\":\"64Mi\"}");
        assertThat(created.get("sockets").toString())
                .isEqualTo("[{\"port\":8000,\"inputBuffer\":\"raw\"}]");
        assertThat(rest.get("/codespecs/full")).isEqualTo(created);
        assertThat(rest.get("/codespecs/full/versions/1")).isEqualTo(created);
        assertThat(rest.get("/codespecs?prefix=full").get("items").get(0)).isEqualTo(created);
    }

    @Test
    void aWorkerHasEndpointsAndNeitherBuffersNorSockets() throws IOException {
        String worker = "{\"kind\":\"worker\",\"image\":\"i\",\"endpoints\":{\"signal\":9002}";
        assertThat(rest.json(201, "PUT", "/codespecs/w", worker + "}").at("/endpoints/signal"))
                .hasToString("9002");
        assertThat(refused(worker + ",\"buffers\":{\"inputs\":[\"a\"]}}")).contains("'buffers'");
        assertThat(refused(worker + ",\"sockets\":[{\"port\":1}]}")).contains("'sockets'");
        assertThat(refused(job(",\"endpoints\":{\"a\":1}"))).contains("'endpoints'");
        assertThat(refused(worker.replace("9002", "0") + "}")).contains("'signal'", "65535");
    }

    @Test
    void invalidCodespecNamesAreRefused() throws IOException {
        for (String name : List.of("Foo", "foo%20bar", "foo%C3%A4", "a".repeat(256))) {
            String said =
                    message(rest.ask("PUT", "/codespecs/" + name, job("")), 400, "InvalidInput");
            assertThat(said)
                    .startsWith(
                            "Codespec names must contain only lower case letters (a-z), numbers");
            rest.assertNotFound("GET", "/codespecs/" + name);
            rest.assertNotFound("GET", "/codespecs/" + name + "/tags");
        }
        assertThat(version("foo-1_2.9", job(""))).isEqualTo(1);
        assertThat(refused(job(",\"name\":\"other\""))).contains("'other'", "'bad'");
    }

    @Test
    void invalidBufferNamesAreRefused() throws IOException {
        for (String name : List.of("FOO", "foo_bar", "-foo", "bar-")) {
            for (String way : List.of("inputs", "outputs")) {
                assertThat(refused(job(",\"buffers\":{\"" + way + "\":[\"" + name + "\"]}")))
                        .startsWith("Buffer names must consist")
                        .contains("'" + name + "'");
            }
        }
        assertThat(refused(job(",\"buffers\":{\"inputs\":[\" \"]}")))
                .isEqualTo("A buffer name cannot be empty");
        assertThat(refused(job(",\"buffers\":{\"inputs\":[null]}")))
                .isEqualTo("A buffer name cannot be empty");
        assertThat(refused(job(",\"buffers\":{\"inputs\":[\"a\"],\"outputs\":[\"a\"]}")))
                .contains("unique", "'a'");
        rest.assertNotFound("GET", "/codespecs/bad");
    }

    @Test
    void unrecognizedFieldsAreRejected() throws IOException {
        for (String more :
                List.of(
                        ",\"colour\":1",
                        ",\"tags\":{}",
                        ",\"resources\":{\"tpu\":1}",
                        ",\"resources\":{\"limits\":{\"disk\":1}}",
                        ",\"buffers\":{\"in\":[]}")) {
            assertThat(refused(job(more)))
                    .startsWith("Error deserializing input: Unrecognized property")
                    .contains("Path: $.");
        }
        assertThat(refused(job(",\"Image\":\"x\""))).contains("Duplicate");
    }

    @Test
    void wrongTypesAreRejectedWithTheirPath() throws IOException {
        String[][] rows = {
            {",\"command\":\"a b\"", "$.command."},
            {",\"args\":[1]", "$.args[0]."},
            {",\"env\":{\"A\":1}", "$.env.A."},
            {",\"maxReplicas\":1.5", "$.maxReplicas."},
            {",\"resources\":{\"gpu\":\"many\"}", "$.resources.gpu."},
            {",\"resources\":{\"gpu\":true}", "$.resources.gpu."},
            {",\"resources\":{\"limits\":{\"cpu\":\"1Q\"}}", "$.resources.limits.cpu."},
            {",\"sockets\":[{\"port\":\"x\"}]", "$.sockets[0].port."}
        };
        for (String[] row : rows) {
            assertThat(refused(job(row[0])))
                    .startsWith("Error deserializing input: ")
                    .endsWith("Path: " + row[1]);
        }
        assertThat(refused(job(",\"args\":[\"a\",null]"))).contains("'args'", "index 1");
        assertThat(refused(job(",\"env\":{\"A\":null}"))).contains("'A'", "'env'");
    }

    @Test
    void invalidCodespecDiscriminatorIsRejected() throws IOException {
        for (String body : List.of("{}", "{\"image\":\"i\"}", "{\"kind\":\"\",\"image\":\"i\"}")) {
            assertThat(refused(body)).contains("Missing discriminator property 'kind'");
        }
        assertThat(refused("{\"kind\":\"task\",\"image\":\"i\"}"))
                .contains(
                        "Invalid value for the property 'kind'. It can be either 'job' or"
                                + " 'worker'");
    }

    @Test
    void invalidCodespecMissingRequiredFieldsIsRejected() throws IOException {
        for (String body : List.of("{\"kind\":\"job\"}", "{\"kind\":\"worker\",\"image\":\"\"}")) {
            assertThat(refused(body)).contains("missing required properties including: 'image'");
        }
    }

    @Test
    void socketsNameBuffersOfTheirDirectionThatNothingElseUses() throws IOException {
        String buffers = ",\"buffers\":{\"inputs\":[\"in\"],\"outputs\":[\"out\"]},\"sockets\":";
        String[][] rows = {
            {"[{\"port\":0,\"inputBuffer\":\"in\"}]", "between 1 and 65535"},
            {"[{\"inputBuffer\":\"in\"}]", "between 1 and 65535"},
            {"[{\"port\":65536,\"inputBuffer\":\"in\"}]", "between 1 and 65535"},
            {"[{\"port\":1}]", "inputBuffer"},
            {"[{\"port\":1,\"inputBuffer\":\"out\"}]", "'out'"},
            {"[{\"port\":1,\"outputBuffer\":\"in\"}]", "'in'"},
            {
                "[{\"port\":1,\"inputBuffer\":\"in\"},{\"port\":2,\"inputBuffer\":\"IN\"}]",
                "more than one socket"
            },
            {"[null]", "'sockets'"}
        };
        for (String[] row : rows) {
            assertThat(refused(job(buffers + row[0]))).contains(row[1]);
        }
        String owned = buffers + "[{\"port\":1,\"inputBuffer\":\"in\"}],";
        for (String reference :
                List.of(
                        "\"args\":[\"$(IN_PIPE)\"]",
                        "\"command\":[\"$$$(IN_PIPE)\"]",
                        "\"env\":{\"A\":\"x$(IN_PIPE)\"}")) {
            assertThat(refused(job(owned + reference))).contains("$(IN_PIPE)", "socket");
        }
        assertThat(version("ok", job(owned + "\"args\":[\"$$(IN_PIPE) $(OUT_PIPE) $IN_PIPE\"]")))
                .isEqualTo(1);
    }

    @Test
    void recreateCodespecKeepsTheVersionUnlessSomethingChanged() throws IOException {
        String one = job(",\"env\":{\"A\":\"1\",\"B\":\"2\"},\"resources\":{\"gpu\":\"1\"}");
        String same =
                "{\"resources\":{\"gpu\":\"1000m\",\"limits\":{}},\"env\":{\"B\":\"2\",\"A\":\"1\"},"
                        + "\"args\":[],\"image\":\"busybox\",\"kind\":\"job\",\"version\":9}";
        assertThat(version("x", one)).isEqualTo(1);
        assertThat(version("x", same)).isEqualTo(1);
        JsonNode kept = rest.get("/codespecs/x");
        assertThat(version("x", job(",\"args\":[\"a\",\"b\"]"))).isEqualTo(2);
        assertThat(version("x", job(",\"args\":[\"b\",\"a\"]"))).isEqualTo(3);
        assertThat(version("x", one)).isEqualTo(4); // Only the latest version counts.
        assertThat(rest.get("/codespecs/x/versions/1")).isEqualTo(kept);
        assertThat(rest.get("/codespecs/x").get("version").intValue()).isEqualTo(4);
    }

    @Test
    void aVersionThatIsNotThereIsNotFound() throws IOException {
        version("x", job(""));
        for (String version : List.of("0", "2", "-1", "x", "1.0", "9999999999")) {
            rest.assertNotFound("GET", "/codespecs/x/versions/" + version);
        }
        rest.assertNotFound("GET", "/codespecs/y");
        rest.assertNotFound("GET", "/codespecs/y/versions/1");
    }

    @Test
    void listCodespecsIsSortedByTheBytesOfNamesAndShowsTheLatestVersion() throws IOException {
        for (String name : List.of("b", "a.z", "a_z", "a-z", "aa", "0", "a1")) {
            version(name, job(""));
        }
        version("aa", job(",\"args\":[\"1\"]"));
        JsonNode list = rest.get("/codespecs");
        assertThat(names(list)).containsExactly("0", "a-z", "a.z", "a1", "a_z", "aa", "b");
        assertThat(list.get("items").get(5).get("version").intValue()).isEqualTo(2);
        assertThat(list.has("nextLink")).isFalse();
    }

    @Test
    void listCodespecsWithPrefixTakesItLetterByLetter() throws IOException {
        for (String name : List.of("a_b", "axb", "a_bc", "b")) {
            version(name, job(""));
        }
        assertThat(names(rest.get("/codespecs?prefix=a_b"))).containsExactly("a_b", "a_bc");
        assertThat(names(rest.get("/codespecs?prefix=a"))).containsExactly("a_b", "a_bc", "axb");
        for (String none : List.of("c", "A", "%25", "a%00", "%C3%A4")) {
            assertThat(names(rest.get("/codespecs?prefix=" + none))).isEmpty();
        }
        assertThat(names(rest.get("/codespecs?prefix="))).hasSize(4);
    }

    @Test
    void listCodespecsBoundaries() throws IOException {
        version("x", job(""));
        rest.assertRefused(
                400,
                "InvalidInput",
                "Limit must be a non-negative integer.",
                "GET",
                "/codespecs?limit=-1");
        rest.assertRefused(400, "BadRequest", "integer", "GET", "/codespecs?limit=x");
        for (String bad : List.of("!", "MSxB", "")) {
            rest.assertRefused(
                    400, "InvalidInput", "continuation token", "GET", "/codespecs?_ct=" + bad);
        }
        assertThat(rest.ask("GET", "/codespecs?limit=0", "").text()).isEqualTo("{\"items\":[]}");
        assertThat(names(rest.get("/codespecs?limit=3000"))).containsExactly("x");
    }

    @Test
    void listCodespecsPagingGoesOnBehindAnEarlierNameThatIsUpdated() throws IOException {
        for (String name : List.of("p-1", "p-2", "p-3", "p-4", "p-5", "q")) {
            version(name, job(""));
        }
        List<String> seen = new ArrayList<>();
        String next = "/codespecs?limit=2&prefix=p";
        while (!next.isEmpty()) {
            JsonNode page = rest.get(next.replace("api-version=1.0&", ""));
            seen.addAll(names(page));
            version("p-1", job(",\"args\":[\"" + seen.size() + "\"]"));
            next = page.has("nextLink") ? page.get("nextLink").stringValue() : "";
        }
        assertThat(seen).containsExactly("p-1", "p-2", "p-3", "p-4", "p-5");
    }

    @Test
    void tagsBelongToTheNameAndStandInNoVersion() throws IOException {
        version("x", job(""));
        version("y", job(""));
        JsonNode before = rest.get("/codespecs/x");
        Wire.Answer none = rest.ask("GET", "/codespecs/x/tags", "");
        assertThat(parsed(none).get("tags")).isEmpty();
        JsonNode set = rest.json(200, "PUT", "/codespecs/x/tags", "{\"tags\":{\"a\":\"1\"}}");
        assertThat(rest.get("/codespecs/x/tags")).isEqualTo(set);
        assertThat(set.get("eTag").stringValue()).isNotEqualTo(none.header("ETag"));
        assertThat(version("x", job(""))).isEqualTo(1); // The same content with other tags.
        assertThat(rest.get("/codespecs/x")).isEqualTo(before);
        assertThat(version("x", job(",\"args\":[\"1\"]"))).isEqualTo(2);
        assertThat(rest.get("/codespecs/x/tags")).isEqualTo(set);
        assertThat(names(rest.get("/codespecs?tag%5Ba%5D=1"))).containsExactly("x");
        assertThat(names(rest.get("/codespecs?tag%5Ba%5D=2"))).isEmpty();
        assertThat(names(rest.get("/codespecs?tag%5Bb%5D=1"))).isEmpty();
        assertThat(names(rest.get("/codespecs?hasTag=a"))).containsExactly("x");
        assertThat(names(rest.get("/codespecs?hasTag=b"))).isEmpty();
        assertThat(names(rest.get("/codespecs?hasTag=a&createdBefore=1970-01-01T00:00:00Z")))
                .isEmpty();
        rest.assertRefused(
                400,
                "BadRequest",
                "createdAfter is not a time: '2026-01-31', wrong at character 11",
                "GET",
                "/codespecs?createdAfter=2026-01-31");
    }

    @Test
    void tagsAreSetOnlyOnTheVersionThatIsPresumed() throws IOException {
        version("x", job(""));
        String at = "/codespecs/x/tags";
        String first = rest.ask("GET", at, "").header("ETag");
        rest.json(200, "PUT", at, "{\"tags\":{\"a\":\"1\",\"b\":\"2\"}}");
        Wire.Answer late = rest.ask("PUT", at, "If-Match: " + first + "\r\n", "{}");
        assertThat(message(late, 412, "PreconditionFailed")).isEqualTo("ETag does not match");
        String second = rest.ask("GET", at, "").header("ETag");
        Wire.Answer good = rest.ask("PUT", at, "If-Match: \"" + second + "\"\r\n", "{}");
        assertThat(parsed(good).get("tags")).isEmpty();
        assertThat(good.header("ETag")).isEqualTo(first);
        String bad =
                message(rest.ask("PUT", at, "{\"tags\":{\"a b\":\"1\"}}"), 400, "InvalidInput");
        assertThat(bad).startsWith("Tag keys must contain up to 128");
        String empty = message(rest.ask("PUT", at, "{\"tags\":{\"a\":null}}"), 400, "InvalidInput");
        assertThat(empty).contains("'a'");
        rest.assertNotFound("GET", "/codespecs/y/tags");
        assertThat(rest.ask("PUT", "/codespecs/y/tags", "{}").status()).isEqualTo(404);
        rest.assertNotFound("GET", "/codespecs/y"); // And it made no name.
    }
}
