package dev.forebay.server;

import static dev.forebay.server.Rest.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The traces of section 9 of the reference's protocol, request for request as its client sends
 * them, read back through the control plane.
 */
class ControlPlaneTraceTest {
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String START_MD5 = "Content-MD5: jRl6v+tdX5RbfseHVtVXDw==\r\n";
    private static final String END_MD5 = "Content-MD5: dDGK6tOTr1krU6jOyYJ/Rw==\r\n";
    private static final String CHAIN = "x-ms-meta-cumulative_hash_chain: ";
    private static final String HELLO =
            "Content-MD5: ixqZU8RhEpaoJ6v4xHgE1w==\r\n"
                    + CHAIN
                    + "Be2sTc2k0VLW0/rZazR8uFCREuD5k1d9OtCAk14ns4U=\r\n";
    private static final String EMPTY =
            "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n"
                    + CHAIN
                    + "LV4PrI5mIT9mYkXErCiaIwlu8B8xxyHjH0UKfSKNt2w=\r\n";

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

    private JsonNode call(int status, String method, String target, String headers, String body)
            throws IOException {
        Wire.Answer answer = rest.raw(method, target, JSON + headers, body);
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        return Rest.parsed(answer);
    }

    private JsonNode create(String tags) throws IOException {
        String body = "{\"id\":\"\",\"createdAt\":\"0001-01-01T00:00:00Z\"" + tags + "}";
        return call(201, "POST", "/buffers?api-version=1.0", "", body);
    }

    /** The URL of one blob, from an access URL of the buffer. */
    private String blob(String id, boolean writeable, String name) throws IOException {
        String target = "/buffers/" + id + "/access?api-version=1.0&writeable=" + writeable;
        URI uri = URI.create(call(201, "POST", target, "", "").get("uri").stringValue());
        return uri.getRawPath() + "/" + name + "?" + uri.getRawQuery();
    }

    private Wire.Answer data(String method, String target, String headers, String body)
            throws IOException {
        return rest.raw(
                method,
                target,
                "Date: Mon, 02 Jan 2006 15:04:05 -0700\r\nx-ms-version: 2021-08-06\r\n" + headers,
                body);
    }

    @Test
    void bufferCreateListAndSet() throws IOException {
        JsonNode made = create(",\"tags\":{\"a\":\"b\"}");
        JsonNode page = call(200, "GET", "/buffers?api-version=1.0&limit=1001", "", "");
        assertThat(page.get("items").get(0)).isEqualTo(made);
        String at = "/buffers/" + id(made) + "?api-version=1.0";
        String version = call(200, "GET", at, "", "").get("eTag").stringValue();
        String body =
                "{\"eTag\":\""
                        + version
                        + "\",\"tags\":{\"a\":\"b\",\"c\":\"d\"},\"expiresAt\":null}";
        JsonNode set = call(200, "PUT", at, "If-Match: " + version + "\r\n", body);
        assertThat(set.at("/tags/c").stringValue()).isEqualTo("d");
        assertThat(set.get("eTag").stringValue()).isNotEqualTo(version);
        assertThat(call(200, "GET", at, "", "")).isEqualTo(set);
    }

    @Test
    void bufferWriteAndBufferRead() throws IOException {
        String id = id(create(""));
        assertThat(data("HEAD", blob(id, true, ".bufferstart"), "", "").status()).isEqualTo(404);
        String[][] puts = {
            {".bufferstart", START_MD5, "{\"version\":\"0.3.0\"}"},
            {"00/001", EMPTY, ""},
            {"00/000", HELLO, "Hello"},
            {".bufferend", END_MD5, "{\"status\":\"complete\"}"}
        };
        for (String[] put : puts) {
            String headers = "x-ms-blob-type: BlockBlob\r\n" + put[1];
            assertThat(data("PUT", blob(id, true, put[0]), headers, put[2]).status())
                    .isEqualTo(201);
        }
        for (String[] put : puts) {
            Wire.Answer got = data("GET", blob(id, false, put[0]), "Accept-Encoding: gzip\r\n", "");
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.text()).isEqualTo(put[2]);
            for (String header : put[1].split("\r\n", -1)) {
                int colon = header.indexOf(':');
                if (colon > 0) {
                    assertThat(got.header(header.substring(0, colon)))
                            .isEqualTo(header.substring(colon + 2));
                }
            }
        }
        Wire.Answer beyond = data("GET", blob(id, false, "00/01F"), "", "");
        assertThat(beyond.header("x-ms-error-code")).isEqualTo("BlobNotFound");
        // What was written is no matter of the catalogue: the buffer is the same there.
        JsonNode shown = call(200, "GET", "/buffers/" + id + "?api-version=1.0", "", "");
        assertThat(shown.has("tags")).isFalse();
    }

    @Test
    void runCreateIsRefusedOnce() throws IOException {
        String run =
                "{\"createdAt\":\"0001-01-01T00:00:00Z\",\"job\":{\"codespec\":\"x\","
                        + "\"buffers\":{\"input\":\""
                        + Rest.id(create(""))
                        + "\"}}}";
        String key = "Idempotency-Key: 8d2f0ba4-1f51-4a53-8f0e-6a4a2a5c9a11\r\n";
        String spec = "{\"kind\":\"job\",\"image\":\"i\",\"buffers\":{\"inputs\":[\"input\"]}}";
        call(201, "PUT", "/codespecs/x?api-version=1.0", "", spec);
        // A 4xx, so that the client does not try for a minute.
        assertThat(
                        call(400, "POST", "/runs?api-version=1.0", key, run)
                                .at("/error/message")
                                .stringValue())
                .contains("Runs are not available");
    }

    @Test
    void codespecCreateIsAnsweredWithTheVersionInTheLocation() throws IOException {
        String spec =
                "{\"kind\":\"job\",\"name\":\"x\",\"buffers\":{\"inputs\":[\"input\"]},\"image\":\"i\"}";
        String target = "/codespecs/x?api-version=1.0";
        String headers = "Content-Type: application/json\r\n";
        for (int repeat = 0; repeat < 2; repeat++) {
            Wire.Answer created = rest.raw("PUT", target, headers, spec);
            assertThat(created.status()).isEqualTo(201);
            assertThat(created.header("Location")).isEqualTo("/codespecs/x/1");
        }
    }
}
