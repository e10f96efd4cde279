package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.blob.BlobName;
import dev.forebay.run.Direction;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.Relay;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.WriteOptions;
import dev.forebay.wire.data.BatchBody;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What openapi.yaml says is what a running server does, no more and no less. */
class OpenApiTest {
    /** What a broken disk or a closing server brings. */
    private static final Set<String> NOT_ON_DEMAND = Set.of("409", "502", "503", "507");

    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String HELLO_MD5 = "Content-MD5: ixqZU8RhEpaoJ6v4xHgE1w==\r\n";
    private static final String CHAIN = "x-ms-meta-cumulative_hash_chain: any\r\n";
    private static final int BIG = (1 << 20) + 1;

    @TempDir Path directory;
    private OpenApiDocument document;
    private Rest rest;
    private final WaitingExecutor executor = new WaitingExecutor();
    private final Set<String> seen = new TreeSet<>();

    @BeforeEach
    void start() throws IOException {
        document =
                new OpenApiDocument(Path.of("src/main/resources/dev/forebay/server/openapi.yaml"));
        rest =
                new Rest(
                        directory.resolve("data"),
                        new RunConfig(Optional.of((data, buffers) -> executor), Duration.ZERO));
    }

    @AfterEach
    void stop() throws IOException {
        rest.close();
    }

    private static String line(Route route) {
        return route.method() + " " + route.pattern().replace("...}", "}");
    }

    @Test
    void theDocumentAndTheRouterHaveTheSameOperations() {
        Set<String> routes =
                rest.server.routes().stream()
                        .map(OpenApiTest::line)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(document.operations()).isEqualTo(routes);
    }

    @Test
    void everyOperationHasANameASummaryAndTheParametersOfItsPath() {
        Set<String> names = new TreeSet<>();
        for (Route route : rest.server.routes()) {
            String operation = line(route);
            assertThat(names.add(document.of(operation).get("operationId").asString()))
                    .as(operation)
                    .isTrue();
            assertThat(document.of(operation).get("summary").asString()).isNotEmpty();
            List<String> parameters = document.parameterNames(operation);
            assertThat(parameters.contains("api-version"))
                    .as(operation)
                    .isEqualTo(route.versioned());
            for (String segment : operation.split("/", -1)) {
                if (segment.startsWith("{")) {
                    assertThat(parameters).contains(segment.substring(1, segment.length() - 1));
                }
            }
        }
        assertThat(document.brokenReferences()).isEmpty();
    }

    @Test
    void anAnswerThatIsNotAsTheDocumentSaysIsCaught() throws IOException {
        String operation = "GET /buffers/count";
        Wire.Answer good = rest.raw("GET", "/buffers/count?api-version=1.0", "", "");
        assertThat(document.complaints(operation, good)).isEmpty();
        Map<String, String> more = new TreeMap<>(good.headers());
        more.put("server", "us");
        for (Wire.Answer bad :
                List.of(
                        new Wire.Answer(201, good.headers(), good.text()),
                        new Wire.Answer(200, good.headers(), "-1"),
                        new Wire.Answer(200, good.headers(), "\"0\""),
                        new Wire.Answer(200, good.headers(), ""),
                        new Wire.Answer(400, good.headers(), good.text()),
                        new Wire.Answer(200, more, good.text()),
                        new Wire.Answer(200, Map.of("content-type", "application/json"), "0"))) {
            assertThat(document.complaints(operation, bad)).as("%s", bad).hasSize(1);
        }
    }

    private Wire.Answer call(String method, String target, String headers, String body)
            throws IOException {
        Wire.Answer answer = rest.raw(method, target, headers, body);
        String operation = note(method, target, answer);
        if (answer.status() < 300 && headers.startsWith(JSON) && !body.isEmpty()) {
            assertThat(document.complaintsOfRequest(operation, new JsonMapper().readTree(body)))
                    .as("%s %s", operation, body)
                    .isEmpty();
        }
        return answer;
    }

    private String note(String method, String target, Wire.Answer answer) {
        String operation = document.operation(method, target.split("\\?", 2)[0]);
        assertThat(document.complaints(operation, answer))
                .as("%s %s: %s", method, target, answer)
                .isEmpty();
        seen.add(operation + " " + answer.status());
        return operation;
    }

    private Wire.Answer json(String method, String target, String body) throws IOException {
        String versioned = target + (target.contains("?") ? "&" : "?") + "api-version=1.0";
        return call(method, versioned, JSON, body);
    }

    /** Announces a body that is never sent. */
    private void announce(String method, String target, String headers, long length)
            throws IOException {
        try (Wire wire = new Wire(rest.server.uri())) {
            String head = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers;
            Wire.Answer answer =
                    wire.send(head + "Content-Length: " + length + "\r\n\r\n").answer(true);
            note(method, target, answer);
        }
    }

    @Test
    void everyAnswerIsAsTheDocumentSays() throws IOException {
        useServer();
        useBuffers();
        useRuns();
        useRelays();
        useCodespecs();
        useContainers();
        for (Route route : rest.server.routes()) {
            if (route.versioned()) {
                String path =
                        route.pattern().replace("{blob...}", "0").replaceAll("\\{.*?}", "abc");
                call(route.method(), path, "", "");
            }
        }
        Set<String> expected = new TreeSet<>();
        for (String operation : document.operations()) {
            document.statuses(operation).stream()
                    .filter(status -> !NOT_ON_DEMAND.contains(status))
                    .forEach(status -> expected.add(operation + " " + status));
        }
        seen.removeIf(each -> NOT_ON_DEMAND.contains(each.substring(each.lastIndexOf(' ') + 1)));
        assertThat(seen).isEqualTo(expected);
    }

    private void useServer() throws IOException {
        call("GET", "/metadata", "", "");
        call("GET", "/metrics", "", "");
        call("GET", "/openapi.yaml", "", "");
        call("GET", "/healthcheck", "", "");
        call("HEAD", "/healthcheck", "", "");
        call("GET", "/healthz", "", "");
        call("HEAD", "/healthz", "", "");
        assertThat(call("GET", "/", "", "").text())
                .contains("a server of Forebay", "forebay login http://", "/healthz");
    }

    private void useBuffers() throws IOException {
        String tagged =
                "{\"id\":\"\",\"createdAt\":\"0001-01-01T00:00:00Z\",\"tags\":{\"a\":\"\"},"
                        + "\"location\":\"Local\",\"expiresAt\":\"2030-01-01T00:00:00+05:00\"}";
        String id = Rest.id(Rest.parsed(json("POST", "/buffers", tagged)));
        json("POST", "/buffers", Rest.NEW);
        call("POST", "/buffers?api-version=1.0", "", "{}");
        announce("POST", "/buffers?api-version=1.0", JSON, BIG);
        json("GET", "/buffers?limit=1&tag%5Ba%5D=&excludeTag%5Bb%5D=c", "");
        json("GET", "/buffers?limit=1", "");
        json("GET", "/buffers/count", "");
        json("GET", "/buffers/count?tag=x", "");
        json("GET", "/buffers/storage-accounts", "");
        json("POST", "/buffers/export", "{}");
        json("POST", "/buffers/import", "{}");
        String at = "/buffers/" + id;
        json("GET", at, "");
        json("GET", "/buffers/none", "");
        json("PUT", at, "{\"eTag\":\"1\",\"tags\":null,\"expiresAt\":null}");
        json("PUT", "/buffers/none", "{}");
        call("PUT", at + "?api-version=1.0", JSON + "If-Match: 1\r\n", "{}");
        call("PUT", at + "?api-version=1.0", "", "{}");
        announce("PUT", at + "?api-version=1.0", JSON, BIG);
        for (String query : List.of("writeable=true", "ttl=0.00:01:00", "ttl=5", "ttl=x")) {
            json("POST", at + "/access?" + query, "");
        }
        json("POST", "/buffers/none/access", "");
        json("POST", at + "/restore", "");
        json("POST", "/buffers/none/restore", "");
        json("DELETE", at, "");
        json("DELETE", at, "");
        json("DELETE", "/buffers/none", "");
        json("GET", at + "?softDeleted=true", "");
        json("GET", "/buffers?softDeleted=true", "");
        json("POST", at + "/restore", "");
        json("DELETE", "/buffers?ttl=1", "");
        json("DELETE", "/buffers?ttl=x", "");
        json("POST", "/buffers/restore", "");
    }

    private void useRuns() throws IOException {
        String body =
                "{\"job\":{\"codespec\":{\"kind\":\"job\",\"image\":\"i\"}},\"tags\":{\"a\":\"1\"}}";
        json("POST", "/runs", body);
        json("POST", "/runs", body);
        rest.server
                .runs()
                .observed(
                        2,
                        new Observation.Ended(
                                Outcome.exited(0), Instant.EPOCH, WaitingExecutor.DIGEST));
        json("POST", "/runs?reuse=true", body);
        json("POST", "/runs", "{}");
        call("POST", "/runs?api-version=1.0", "", body);
        announce("POST", "/runs?api-version=1.0", JSON, BIG);
        json("GET", "/runs?limit=1&status=!Failed&status=Running&tag%5Ba%5D=1&hasTag=a", "");
        json("GET", "/runs?createdAfter=2000-01-01T00:00:00Z&codespec=x", "");
        json("GET", "/runs?status=x", "");
        json("GET", "/runs/counts", "");
        json("GET", "/runs/1", "");
        json("GET", "/runs/3", "");
        json("GET", "/runs/1/logs?timestamps=true&tailLines=1&since=2000-01-01T00:00:00Z", "");
        json("GET", "/runs/1/logs?follow=perhaps", "");
        json("GET", "/runs/3/logs", "");
        json("PUT", "/runs/1", "{\"tags\":{\"a\":\"2\"}}");
        json("PUT", "/runs/3", "{}");
        call("PUT", "/runs/1?api-version=1.0", JSON + "If-Match: 1\r\n", "{}");
        call("PUT", "/runs/1?api-version=1.0", "", "{}");
        announce("PUT", "/runs/1?api-version=1.0", JSON, BIG);
        json("POST", "/runs/1/cancel", "");
        json("POST", "/runs/3/cancel", "");
        json("POST", "/runs/_sweep", "");
    }

    private void useRelays() throws IOException {
        json(
                "POST",
                "/runs",
                "{\"job\":{\"codespec\":{\"kind\":\"job\",\"image\":\"i\",\"buffers\":{\"inputs\":[\"in\"],\"outputs\":[\"out\"]}},\"buffers\":{\"in\":\"_\",\"out\":\"_\"}}}");
        Map<String, String> ids =
                Objects.requireNonNull(
                        Objects.requireNonNull(rest.server.runs().get(3).content().job())
                                .buffers());
        String in = Objects.requireNonNull(ids.get("in"));
        String out = Objects.requireNonNull(ids.get("out"));
        Relay sent = new Relay(Direction.OUTPUT, rest.clock);
        sent.end();
        Relay input = new Relay(Direction.INPUT, rest.clock);
        json("POST", "/buffers/" + in + "/access?writeable=true", "");
        for (String id : List.of(in, "run-99-temp-x")) {
            call("HEAD", "/relays/" + id + "?api-version=1.0", "", "");
            call("PUT", "/relays/" + id + "?api-version=1.0", "", "x");
            call("GET", "/relays/" + id + "?api-version=1.0", "", "");
            call("PUT", signed("/relays/" + id, id, "cr"), "", "x"); // It is not executed.
            call("GET", signed("/relays/" + id, id, "r"), "", "");
        }
        executor.relays.put(in, input);
        executor.relays.put(out, sent);
        call("GET", signed("/relays/" + in, in, "r"), "", "");
        call("PUT", signed("/relays/" + out, out, "cr"), "", "x");
        call("PUT", signed("/relays/" + in, in, "cr"), "", "");
        call("PUT", signed("/relays/" + in, in, "cr"), "", "");
        call("GET", signed("/relays/" + out, out, "r"), "", "");
        call("GET", signed("/relays/" + out, out, "r"), "", "");
    }

    private void useCodespecs() throws IOException {
        String full =
                "{\"kind\":\"job\",\"image\":\"i\",\"command\":[\"a\"],\"args\":[\"b\"],\"env\":{\"A\":\"1\"},"
                        + "\"workingDir\":\"/\",\"identity\":\"me\",\"maxReplicas\":2,"
                        + "\"resources\":{\"limits\":{\"cpu\":0.5},\"requests\":{\"memory\":\"1Gi\"},\"gpu\":1},"
                        + "\"buffers\":{\"inputs\":[\"in\"],\"outputs\":[\"out\"]},"
                        + "\"sockets\":[{\"port\":80,\"inputBuffer\":\"in\"}]}";
        json("PUT", "/codespecs/x", full);
        json(
                "PUT",
                "/codespecs/x",
                "{\"kind\":\"worker\",\"image\":\"i\",\"endpoints\":{\"a\":1}}");
        json("PUT", "/codespecs/y", full);
        json("PUT", "/codespecs/x", "{}");
        call("PUT", "/codespecs/x?api-version=1.0", "", "{}");
        announce("PUT", "/codespecs/x?api-version=1.0", JSON, BIG);
        json("GET", "/codespecs?limit=1&prefix=x&tag%5Ba%5D=b", "");
        json("GET", "/codespecs?limit=1", "");
        for (String at : List.of("/codespecs/x", "/codespecs/none")) {
            json("GET", at, "");
            json("GET", at + "/versions/1", "");
            json("GET", at + "/tags", "");
            json("PUT", at + "/tags", "{\"tags\":{\"a\":\"b\"}}");
        }
        String tags = "/codespecs/x/tags?api-version=1.0";
        call("PUT", tags, JSON + "If-Match: 1\r\n", "{}");
        call("PUT", tags, "", "{}");
        announce("PUT", tags, JSON, BIG);
    }

    private String signed(String path, String id, String letters) {
        return path
                + "?"
                + rest.server.signer().query(id, letters, rest.clock.wall(), Duration.ofHours(1));
    }

    private void useContainers() throws IOException {
        String id = "abcdefghijklmnopqrstuvwxyz";
        String at = "/containers/" + id;
        for (String method : List.of("PUT", "GET", "HEAD", "DELETE")) {
            call(method, at + "?api-version=1.0", "", "");
        }
        call("GET", signed(at, id, "r"), "", "");
        call("GET", signed(at + "/content", id, "r"), "", "");
        call("HEAD", signed(at + "/content", id, "r"), "", "");
        for (String gone : List.of("HEAD", "DELETE")) {
            call(gone, signed(at, id, "CRD"), "", "");
        }
        for (String method : List.of("PUT", "DELETE")) {
            call(method, signed("/containers/a-b", "a-b", "CD"), "", "");
        }
        call("PUT", signed(at + "/00/000", id, "cr"), "", "");
        call("GET", signed(at + "/00/000", id, "cr"), "", "");
        call("PUT", signed(at, id, "C"), "", "");
        call("HEAD", signed(at, id, "R"), "", "");
        String blob = signed(at + "/00/000", id, "cr");
        call("PUT", at + "/00/000?api-version=1.0", "", "Hello");
        call("PUT", blob, "Forebay-Durability: solid\r\n", "Hello");
        call("PUT", blob, HELLO_MD5 + CHAIN, "Hallo");
        call("PUT", blob, HELLO_MD5 + CHAIN, "Hello");
        call("PUT", blob, "", "Hello");
        announce("PUT", signed(at + "/big", id, "cr"), "", PutEndpoint.LARGEST_BLOB + 1);
        for (String method : List.of("GET", "HEAD")) {
            call(method, blob, "", "");
            call(method, blob, "Prefer: wait=1\r\n", "");
            call(method, signed(at + "/00/001", id, "r"), "", "");
            call(method, signed(at + "/00/000", id, "c"), "", "");
            call(method, signed(at + "/a..b", id, "r"), "", "");
        }
        call("GET", blob, "Range: bytes=1-2\r\n", "");
        call("GET", blob, "Range: bytes=9-\r\n", "");
        call("GET", blob, "If-Match: x\r\n", "");
        call("GET", blob, "If-None-Match: *\r\n", "");
        call("DELETE", blob, "", "");
        call("DELETE", signed(at + "/a..b", id, "d"), "", "");
        call("GET", signed(at, id, "r"), "", "");
        call("GET", signed(at, id, "r") + "&restype=container&comp=list", "", "");
        useBatches(at, id);
        useContent(id, at + "/content");
        call("DELETE", signed(at, id, "D"), "", "");
    }

    private void useBatches(String at, String id) throws IOException {
        String batch = "Content-Type: application/vnd.forebay.batch\r\n";
        String missing = "abcdefghijklmnopqrstuvwxyy";
        String empty = "FBBA\1\0x" + "\0".repeat(16 + 2 + 4);
        call("POST", signed(at, id, "r") + "&comp=batch", batch, empty);
        call("POST", signed(at, id, "c") + "&comp=batch", batch, empty);
        call("POST", signed(at, id, "c") + "&comp=batch", batch, "FBBA");
        call("POST", signed(at, id, "c") + "&comp=batch", "", empty);
        call("POST", signed("/containers/" + missing, missing, "c") + "&comp=batch", batch, empty);
        announce("POST", signed(at, id, "c") + "&comp=batch", batch, BatchBody.LARGEST + 1);
    }

    private void useContent(String id, String content) throws IOException {
        for (String method : List.of("GET", "HEAD")) {
            call(method, content + "?api-version=1.0", "", "");
            call(method, signed("/containers/a-b/content", "a-b", "r"), "", "");
            call(method, signed(content, id, "r"), "", "");
        }
        rest.server
                .containers()
                .open(id)
                .orElseThrow()
                .put(
                        new BlobName(".bufferend"),
                        ByteBuffer.wrap("{\"status\":\"complete\"}".getBytes(UTF_8)),
                        null,
                        Map.of());
        call("GET", signed(content, id, "r"), "", ""); // Its blobs do not make a chain: damaged.
        String whole = "bcdefghijklmnopqrstuvwxyza";
        rest.server.containers().create(whole);
        new BufferWriter(
                        rest.server.containers().open(whole).orElseThrow(), WriteOptions.defaults())
                .write(Channels.newChannel(new ByteArrayInputStream("Hello".getBytes(UTF_8))));
        String target = signed("/containers/" + whole + "/content", whole, "r");
        call("HEAD", target, "", "");
        call("GET", target, "", "");
        call("GET", target, "Range: bytes=1-2\r\n", "");
        call("GET", target, "Range: bytes=9-\r\n", "");
        call("GET", target, "If-Match: x\r\n", "");
        call("GET", target, "If-None-Match: *\r\n", "");
    }
}
