package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.control.AccessSigner;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data plane byte for byte, by the tables and traces of the reference's protocol. */
class DataPlaneWireTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final String HELLO_MD5 = "ixqZU8RhEpaoJ6v4xHgE1w==";
    private static final String HELLO_CHAIN = "Be2sTc2k0VLW0/rZazR8uFCREuD5k1d9OtCAk14ns4U=";

    @TempDir Path directory;
    private ForebayServer server;
    private final ManualClock clock = new ManualClock();

    @BeforeEach
    void start() throws IOException {
        server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("data"), 0)
                                .withGrace(Duration.ofSeconds(30)),
                        Disk.system(),
                        clock,
                        new ParkedRequests());
        server.containers().create(ID);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private String query(String letters) {
        return server.signer().query(ID, letters, clock.wall(), Duration.ofMinutes(30));
    }

    private String url(String blob, String letters) {
        return "/containers/" + ID + (blob.isEmpty() ? "" : "/" + blob) + "?" + query(letters);
    }

    private static String request(String method, String target, String headers, String body) {
        return method
                + " "
                + target
                + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Date: Mon, 02 Jan 2006 15:04:05 -0700\r\nx-ms-version: 2021-08-06\r\n"
                + headers
                + (method.equals("PUT") ? "Content-Length: " + body.length() + "\r\n" : "")
                + "\r\n"
                + body;
    }

    private Wire.Answer ask(String method, String target, String headers, String body)
            throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(request(method, target, headers, body)).answer(!method.equals("HEAD"));
        }
    }

    private Wire.Answer put(String blob, String body, String headers) throws IOException {
        return ask("PUT", url(blob, "cr"), "x-ms-blob-type: BlockBlob\r\n" + headers, body);
    }

    private static void assertRefused(Wire.Answer answer, int status, String code) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("x-ms-error-code")).isEqualTo(code);
        assertThat(answer.header("Request-Id")).isNotEmpty();
        assertThat(answer.text()).isEmpty();
    }

    private static String chain(String md5, String chain) {
        return "Content-MD5: " + md5 + "\r\nx-ms-meta-cumulative_hash_chain: " + chain + "\r\n";
    }

    @Test
    void theTraceOfWritingHelloIsAnswered() throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            Wire.Answer missing =
                    wire.send(request("HEAD", url(".bufferstart", "cr"), "", "")).answer(false);
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.header("x-ms-error-code")).isEqualTo("BlobNotFound");
            String start = "Content-MD5: jRl6v+tdX5RbfseHVtVXDw==\r\n";
            String[][] puts = {
                {".bufferstart", "{\"version\":\"0.3.0\"}", start},
                {"00/000", "Hello", chain(HELLO_MD5, HELLO_CHAIN)},
                {
                    "00/001",
                    "",
                    chain(
                            "1B2M2Y8AsgTpgAmY7PhCfg==",
                            "LV4PrI5mIT9mYkXErCiaIwlu8B8xxyHjH0UKfSKNt2w=")
                },
                {
                    ".bufferend",
                    "{\"status\":\"complete\"}",
                    "Content-MD5: dDGK6tOTr1krU6jOyYJ/Rw==\r\n"
                }
            };
            for (String[] put : puts) {
                Wire.Answer answer =
                        wire.send(request("PUT", url(put[0], "cr"), put[2], put[1])).answer(true);
                assertThat(answer.status()).as(put[0]).isEqualTo(201);
                assertThat(answer.header("Forebay-Durability")).isEqualTo("synced");
            }
            Wire.Answer hello =
                    wire.send(request("GET", url("00/000", "r"), "Accept-Encoding: gzip\r\n", ""))
                            .answer(true);
            assertThat(hello.status()).isEqualTo(200);
            assertThat(hello.text()).isEqualTo("Hello");
            assertThat(hello.header("Content-Length")).isEqualTo("5");
            assertThat(hello.header("Content-Encoding")).isEmpty();
            assertThat(hello.header("Content-MD5")).isEqualTo(HELLO_MD5);
            assertThat(hello.header("x-ms-meta-cumulative_hash_chain")).isEqualTo(HELLO_CHAIN);
            Wire.Answer empty = wire.send(request("GET", url("00/001", "r"), "", "")).answer(true);
            assertThat(empty.status()).isEqualTo(200);
            assertThat(empty.header("Content-Length")).isEqualTo("0");
            Wire.Answer head = wire.send(request("HEAD", url("00/000", "r"), "", "")).answer(false);
            assertThat(head.header("Content-Length")).isEqualTo("5");
            assertThat(wire.send(request("GET", url("00/002", "r"), "", "")).answer(true).status())
                    .isEqualTo(404);
        }
    }

    @Test
    void aSecondPutOfTheSameNameIsRefusedAfterItsDigestPassed() throws IOException {
        assertThat(put("00/000", "Hello", chain(HELLO_MD5, "invalid")).status()).isEqualTo(201);
        assertRefused(put("00/000", "Other", ""), 403, "UnauthorizedBlobOverwrite");
        assertRefused(
                put("00/000", "Other", "If-None-Match: *\r\n"), 403, "UnauthorizedBlobOverwrite");
        assertRefused(put("00/000", "Other", chain(HELLO_MD5, "x")), 400, "Md5Mismatch");
        assertThat(ask("GET", url("00/000", "r"), "", "").header("x-ms-meta-cumulative_hash_chain"))
                .isEqualTo("invalid");
    }

    @Test
    void aWrongDigestCreatesNothing() throws IOException {
        assertRefused(put("00/000", "Hallo", chain(HELLO_MD5, "x")), 400, "Md5Mismatch");
        assertRefused(put("00/000", "Hello", "Content-MD5: nonsense\r\n"), 400, "Md5Mismatch");
        String right = "Content-MD5: " + HELLO_MD5 + "\r\n";
        String other = "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==\r\n";
        assertRefused(put("00/000", "Hello", right + other), 400, "Md5Mismatch");
        assertRefused(put("00/000", "Hello", other + right), 400, "Md5Mismatch");
        assertRefused(ask("GET", url("00/000", "r"), "", ""), 404, "BlobNotFound");
        assertThat(put("00/000", "Hello", chain(HELLO_MD5, "x")).status()).isEqualTo(201);
    }

    @Test
    void missingTamperedAndExpiredUrlsAreNotAuthentic() throws IOException {
        String good = query("cr");
        String at = "/containers/" + ID + "/00/000?";
        String other = AccessSigner.ephemeral().query(ID, "cr", clock.wall(), Duration.ofHours(1));
        String expired =
                server.signer()
                        .query(
                                ID,
                                "cr",
                                clock.wall().minus(Duration.ofHours(2)),
                                Duration.ofHours(1));
        String early =
                server.signer()
                        .query(
                                ID,
                                "cr",
                                clock.wall().plus(Duration.ofHours(2)),
                                Duration.ofHours(1));
        for (String bad :
                new String[] {
                    "api-version=1.0",
                    other,
                    expired,
                    early,
                    good.replace("sp=cr", "sp=crD"),
                    good.replace("sv=0.1.0", "sv=0.2.0"),
                    good + "&sp=cr",
                    good.replaceAll("sig=.*", "sig=AAAA")
                }) {
            assertRefused(ask("PUT", at + bad, "", "Hello"), 403, "AuthenticationFailed");
        }
        assertRefused(
                ask("PUT", url("00/000", "r"), "", "Hello"),
                403,
                "AuthorizationPermissionMismatch");
    }

    @Test
    void checksComeInTheOrderOfTheReference() throws IOException {
        assertRefused(
                ask("PUT", "/containers/a!/b..c?api-version=1.0", "", "x"),
                403,
                "AuthenticationFailed");
        String illegal = server.signer().query("a-b", "cr", clock.wall(), Duration.ofHours(1));
        assertRefused(
                ask("PUT", "/containers/a-b/x..y?" + illegal, "", "x"),
                400,
                "InvalidContainerName");
        String gone = server.signer().query("gone", "cr", clock.wall(), Duration.ofHours(1));
        assertRefused(ask("PUT", "/containers/gone/x..y?" + gone, "", "x"), 400, "InvalidBlobName");
        assertRefused(ask("PUT", "/containers/gone/x?" + gone, "", "x"), 404, "ContainerNotFound");
        assertRefused(ask("GET", "/containers/gone/x?" + gone, "", ""), 404, "ContainerNotFound");
    }

    @Test
    void containersAreMadeFoundAndDeletedByTheirOwnLetters() throws IOException {
        assertThat(ask("HEAD", url("", "CR"), "", "").status()).isEqualTo(200);
        assertThat(ask("PUT", url("", "CR"), "", "").status()).isEqualTo(201);
        assertRefused(ask("DELETE", url("", "cr"), "", ""), 403, "AuthorizationPermissionMismatch");
        assertThat(ask("DELETE", url("", "D"), "", "").status()).isEqualTo(200);
        assertRefused(ask("DELETE", url("", "D"), "", ""), 404, "ContainerNotFound");
        assertRefused(ask("HEAD", url("", "R"), "", ""), 404, "ContainerNotFound");
    }

    @Test
    void apiVersionsAndRoutesAreAnsweredInTheReferencesWords() throws IOException {
        String path = "/containers/" + ID + "/00/000";
        assertThat(ask("GET", path, "", "").text())
                .isEqualTo(
                        "{\"error\":{\"code\":\"ApiVersionUnspecified\",\"message\":\"Unspecified API version\",\"apiVersions\":[\"1.0\"]}}");
        assertThat(ask("GET", path + "?api-version=0.1", "", "").text())
                .isEqualTo(
                        "{\"error\":{\"code\":\"UnsupportedApiVersion\",\"message\":\"Unsupported API version\",\"apiVersions\":[\"1.0\"]}}");
        assertThat(ask("GET", path + "?api-version=x", "", "").text())
                .contains("InvalidApiVersion");
        assertThat(ask("GET", path + "?api-version=1.0&api-version=2.0", "", "").text())
                .contains("AmbiguousApiVersion");
        assertThat(ask("GET", "/v1" + path, "", "").status()).isEqualTo(403);
        assertThat(ask("GET", "/v1" + path + "?api-version=2.0", "", "").text())
                .contains("UnsupportedApiVersion");
        assertThat(ask("GET", "/v1/metadata", "", "").text()).contains("LocalBuffers");
        Wire.Answer unknown = ask("GET", "/nothing", "", "");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.text())
                .isEqualTo(
                        "{\"error\":{\"code\":\"InvalidRoute\",\"message\":\"The request path was not recognized.\"}}");
        assertThat(ask("GET", "/favicon.ico", "", "").status()).isEqualTo(404);
        assertThat(ask("GET", "/healthcheck", "", "").text()).isEqualTo("Healthy");
    }

    @Test
    void foreignHostsAndOriginsAreRefused() throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            assertThat(
                            wire.send("GET /metadata HTTP/1.1\r\nHost: evil.example\r\n\r\n")
                                    .answer(true)
                                    .status())
                    .isEqualTo(421);
        }
        assertThat(ask("GET", "/metadata", "Origin: http://evil.example\r\n", "").status())
                .isEqualTo(403);
        assertThat(ask("GET", "/metadata", "Origin: null\r\n", "").status()).isEqualTo(403);
        assertThat(ask("GET", "/metadata", "Origin: http://localhost:1\r\n", "").status())
                .isEqualTo(200);
    }

    @Test
    void oversizeBodiesAndHeadersAreRefused() throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            wire.send(
                    "PUT "
                            + url("00/000", "cr")
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741825\r\n\r\n");
            assertThat(wire.answer(true).status()).isEqualTo(413);
        }
        assertThat(ask("GET", "/metadata", "X: " + "x".repeat(20_000) + "\r\n", "").status())
                .isEqualTo(431);
        assertThat(put("00/000", "Hello", "Forebay-Durability: solid\r\n").status()).isEqualTo(400);
        assertThat(
                        put("00/000", "Hello", "Forebay-Durability: written\r\n")
                                .header("Forebay-Durability"))
                .isEqualTo("synced");
    }

    private Future<Wire.Answer> follow(ExecutorService threads) {
        return threads.submit(() -> ask("GET", url("00/007", "r"), "Prefer: wait=30\r\n", ""));
    }

    /**
     * Blocks until this many readers wait at the container, beside those that sleep. Their time
     * stands still, so that whatever ends their wait, it is not that it was long enough.
     */
    private void awaitParked(int readers) throws InterruptedException {
        clock.awaitWaiters(Rest.SLEEPERS + readers);
    }

    private static Wire.Answer soon(Future<Wire.Answer> answer) throws Exception {
        return answer.get(120, TimeUnit.SECONDS);
    }

    @Test
    void aWaitingReaderIsWokenByItsBlob() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> follower = follow(threads);
            awaitParked(1);
            put("00/007", "Hello", "");
            Wire.Answer answer = soon(follower);
            assertThat(answer.text()).isEqualTo("Hello");
            assertThat(answer.header("Preference-Applied")).isEqualTo("wait=30");
        }
    }

    @Test
    void aReaderIsToldHowLongItsRequestWasHeld() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> follower = follow(threads);
            awaitParked(1);
            clock.advance(Duration.ofMillis(70));
            put("00/007", "Hello", "");
            assertThat(soon(follower).header("Forebay-Held")).isEqualTo("70");
            Wire.Answer late = follow(threads).get(120, TimeUnit.SECONDS);
            assertThat(late.header("Forebay-Held")).isEqualTo("0");
        }
    }

    @Test
    void aWaitingReaderIsWokenByTheEndMarker() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> follower = follow(threads);
            awaitParked(1);
            put(".bufferend", "{\"status\":\"failed\"}", "");
            Wire.Answer answer = soon(follower);
            assertRefused(answer, 404, "BlobNotFound");
            assertThat(answer.header("Preference-Applied")).isEqualTo("wait=30");
        }
    }

    @Test
    void aWaitingReaderIsWokenByDeletion() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> follower = follow(threads);
            awaitParked(1);
            ask("DELETE", url("", "D"), "", "");
            assertRefused(soon(follower), 404, "ContainerNotFound");
        }
    }

    @Test
    void aWaitingReaderIsWokenByShutdown() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Wire.Answer> follower = follow(threads);
            awaitParked(1);
            server.close();
            assertThat(soon(follower).status()).isEqualTo(503);
        }
    }

    @Test
    void withoutTheWishAMissingBlobIsAnsweredAtOnce() throws IOException {
        Wire.Answer answer = ask("GET", url("00/007", "r"), "", "");
        assertRefused(answer, 404, "BlobNotFound");
        assertThat(answer.header("Preference-Applied")).isEmpty();
    }

    @Test
    void malformedRequestsNeverFailTheServer() throws IOException {
        Random random = new Random(20_261_121);
        for (int round = 0; round < 300; round++) {
            StringBuilder text =
                    new StringBuilder(request("GET", url("00/007", "r"), "If-Match: abc\r\n", ""));
            for (int i = random.nextInt(6); i >= 0; i--) {
                text.setCharAt(random.nextInt(text.length() - 4), (char) (32 + random.nextInt(95)));
            }
            try (Wire wire = new Wire(server.uri())) {
                int status;
                try {
                    wire.send(text + "\r\n\r\n");
                    wire.endInput();
                    status = wire.answer(false).status();
                } catch (IOException e) {
                    continue; // Closed on it without a word: refused, too.
                }
                // 505 is what a broken version of HTTP itself is due.
                assertThat(status == 505 ? 400 : status)
                        .as("round %s: %s", round, text)
                        .isLessThan(500);
            }
        }
    }
}
