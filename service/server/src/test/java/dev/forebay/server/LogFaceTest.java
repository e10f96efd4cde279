package dev.forebay.server;

import static dev.forebay.server.LogServer.blob;
import static dev.forebay.server.LogServer.payloads;
import static dev.forebay.server.LogServer.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.forebay.bddf.Pod;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.SignalSchema;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads of the log over HTTP, from one server; each test has a span of time of its own. */
class LogFaceTest {
    private static final String BDDF = "/v1/data-buffer/bddf/";
    private static final long SECOND = 1_000_000_000L;
    private static final long HOUR = 3600 * SECOND;

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

    private static String nanos(long from, long to) {
        return "?from_nsec=" + from + "&to_nsec=" + to;
    }

    private static void assertBad(String query, String words) throws Exception {
        HttpResponse<byte[]> answer = log.get(BDDF + query);
        assertThat(answer.statusCode()).as(query).isEqualTo(403);
        assertThat(text(answer)).as(query).startsWith("Bad Request: ").contains(words);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(Exchange.TEXT);
    }

    @Test
    void tokenOfAUserIsNeededFromLoopbackToo() throws Exception {
        for (String path :
                List.of(
                        BDDF,
                        "/v1/data-buffer/bddf",
                        "/v1/data-buffer/messages/",
                        "/v1/data-buffer/daq-data/",
                        "/log/v1/status",
                        "/log/v1/download")) {
            for (String wrong :
                    List.of("", "Bearer None", "Bearer", "Basic " + log.token, log.token)) {
                HttpResponse<byte[]> answer = log.ask("GET", path, wrong, new byte[0]);
                assertThat(answer.statusCode()).as("%s with '%s'", path, wrong).isEqualTo(401);
                assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
                assertThat(text(answer)).startsWith("Unauthorized: ");
            }
        }
    }

    /** Clients of the robot name its services as the host, wherever the server is. */
    @Test
    void requestsMayNameAnyHost() throws Exception {
        try (Wire wire = new Wire(log.server.uri())) {
            wire.send("GET " + BDDF + " HTTP/1.1\r\nHost: data.spot.robot\r\n\r\n");
            assertThat(wire.answer(true).status()).isEqualTo(401);
        }
    }

    @Test
    void exactlyAnHourIsTakenAndANanosecondMoreIsNot() throws Exception {
        long from = 1_000 * HOUR;
        log.record(blob("hour", "t", from, "first"), blob("hour", "t", from + HOUR, "last"));
        assertThat(payloads(log.get(BDDF + nanos(from, from + HOUR))))
                .containsExactly("first", "last");
        assertBad(nanos(from, from + HOUR + 1), "3600.000000001 seconds, the longest is 3600");
        assertThat(payloads(log.get(BDDF + "?from_sec=3600000&to_sec=3603600")))
                .containsExactly("first", "last");
        assertBad("?from_sec=3600000&to_sec=3603601", "3601 seconds");
    }

    @Test
    void toSecCoversItsWholeSecondAndToNsecEndsThere() throws Exception {
        long second = 2_000 * HOUR;
        log.record(
                blob("whole", "t", second, "begin"),
                blob("whole", "t", second + SECOND - 1, "end"),
                blob("whole", "t", second + SECOND, "next"));
        assertThat(payloads(log.get(BDDF + "?from_sec=7200000&to_sec=7200000")))
                .containsExactly("begin", "end");
        assertThat(payloads(log.get(BDDF + nanos(second, second)))).containsExactly("begin");
    }

    @Test
    void spanWithoutAnEndEndsNow() throws Exception {
        long now = log.now();
        log.record(
                blob("open", "t", now - HOUR, "old"),
                blob("open", "t", now, "now"),
                blob("open", "t", now + 1, "later"));
        String filter = "&channel=open";
        assertThat(payloads(log.get(BDDF + "?from_nsec=" + (now - HOUR) + filter)))
                .containsExactly("old", "now");
        assertThat(payloads(log.get(BDDF + "?from_nsec=" + (now - SECOND) + filter)))
                .containsExactly("now");
        // The beginning was computed a little before the request: the last of the span is cut.
        assertThat(payloads(log.get(BDDF + "?from_nsec=" + (now - HOUR - SECOND) + filter)))
                .containsExactly("old");
        assertBad("?from_nsec=" + (now - HOUR - 61 * SECOND), "it has no end, so it ends now");
    }

    @Test
    void spansThatAreNotAsTheyMustBeAreRefused() throws Exception {
        String[][] rows = {
            {"", "expected 'from_sec' or 'from_nsec'"},
            {"?to_sec=1", "expected 'from_sec' or 'from_nsec'"},
            {"?from_sec=1&from_nsec=1&to_sec=1", "'from_sec' and 'from_nsec' are both given"},
            {"?from_sec=1&to_sec=1&to_nsec=1", "'to_sec' and 'to_nsec' are both given"},
            {"?from_sec=1&from_sec=1&to_sec=1", "'from_sec' is given 2 times"},
            {"?from_sec=1&to_sec=1&to_sec=2", "'to_sec' is given 2 times"},
            {"?from_sec=2&to_sec=1", "ends before it begins"},
            {"?from_sec=1.5&to_sec=2", "expected a whole number"},
            {"?from_sec=&to_sec=2", "expected a whole number"},
            {"?from_sec=99999999999&to_sec=2", "between the years 1677 and 2262"},
            {"?from_nsec=-9223372036854775808&to_nsec=9223372036854775807", "the longest is 3600"},
            {"?from_sec=1&to_sec=2&chanel=x", "the parameter 'chanel' is unknown"},
            {"?from_sec=1&to_sec=2&event_level_min=6", "expected 0 to 5"},
            {"?from_sec=1&to_sec=2&event_level_min=1&event_level_min=2", "2 times"},
        };
        for (String[] row : rows) {
            assertBad(row[0], row[1]);
        }
    }

    @Test
    void secondsAndNanosecondsMayBeMixed() throws Exception {
        long second = 3_000 * HOUR;
        log.record(blob("mixed", "t", second + 5, "in"));
        assertThat(payloads(log.get(BDDF + "?from_sec=10800000&to_nsec=" + (second + 5))))
                .containsExactly("in");
    }

    @Test
    void filtersSelectAndRepeatedOnesAreAlternatives() throws Exception {
        long at = 4_000 * HOUR;
        SignalSchema schema =
                new SignalSchema("speed", List.of(new SignalSchema.Variable("v", Pod.INT8, false)));
        long id = log.server.log().register(schema, "test");
        log.record(
                blob("a", "x", at, "a-x"),
                blob("a", "y", at + 1, "a-y"),
                blob("b", "x", at + 2, "b-x"),
                LogServer.comment("hello", at + 3),
                LogServer.event("low", at + 4, "LEVEL_LOW"),
                LogServer.event("high", at + 5, "LEVEL_HIGH"),
                new Entry.Tick(
                        OptionalLong.of(at + 6), 1, "legs", id, ByteBuffer.wrap(new byte[] {'!'})));
        String span = nanos(at, at + 9);
        String[][] rows = {
            {"&channel=a", "a-x,a-y"},
            {"&channel=a&channel=b", "a-x,a-y,b-x"},
            {"&type=x", "a-x,b-x"},
            {"&type=x&channel=a", "a-x"},
            {"&type=none", ""},
            {"&channel=%5B%27a%27%5D", ""},
            {"&schema_name=speed", "!"},
            {"&schema_source=legs", "!"},
            {"&schema_name=speed&schema_source=arm", ""},
            {"&grpc_service=robot-id", ""},
            {"&grpc_service=robot-id&channel=b", "b-x"},
        };
        for (String[] row : rows) {
            List<String> found = payloads(log.get(BDDF + span + row[0]));
            // A signal has its times and sequence numbers in columns of their own.
            found.removeIf(payload -> payload.length() == 8);
            List<String> expected = row[1].isEmpty() ? List.of() : List.of(row[1].split(",", -1));
            assertThat(found).as(row[0]).containsExactlyElementsOf(expected);
        }
        assertThat(payloads(log.get(BDDF + span + "&type=bosdyn.api.OperatorComment")))
                .singleElement()
                .asString()
                .contains("hello");
        for (String level : List.of("2", "HIGH", "level_medium")) {
            assertThat(payloads(log.get(BDDF + span + "&event_level_min=" + level)))
                    .as(level)
                    .singleElement()
                    .asString()
                    .contains("high");
        }
        assertThat(payloads(log.get(BDDF + span))).hasSize(9);
    }

    @Test
    void storedBytesAreNeverAPageOfThisServer() throws Exception {
        long at = 1_760_000_000L * SECOND;
        log.record(blob("page", "text/html", at, "<script>"));
        HttpResponse<byte[]> answer = log.get(BDDF + nanos(at, at));
        Map<String, String> expected =
                Map.of(
                        "Content-Type", "application/octet-stream",
                        "X-Content-Type-Options", "nosniff",
                        "Content-Security-Policy", "sandbox",
                        "Content-Disposition",
                                "attachment; filename=\"log-20251009T085320Z.bddf\"");
        expected.forEach((name, value) ->
                assertThat(answer.headers().firstValue(name)).as(name).hasValue(value));
        assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    }

    @Test
    void entryWithoutPayloadIsCountedInAFileOfItsOwn() throws Exception {
        long at = 5_000 * HOUR;
        log.record(blob("empty", "t", at, ""));
        HttpResponse<byte[]> answer = log.get(BDDF + nanos(at, at));
        assertThat(payloads(answer)).isEmpty();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(text(answer)).contains("forebay:empty-payloads");
    }

    @Test
    void messagesOfAKnownTypeAreJson() throws Exception {
        long at = 6_000 * HOUR;
        log.record(LogServer.comment("a \"quoted\" one", at), LogServer.comment("two", at + 1));
        String path = "/v1/data-buffer/messages/" + nanos(at, at + 1);
        HttpResponse<byte[]> answer = log.get(path + "&type=bosdyn.api.OperatorComment");
        assertThat(text(answer))
                .isEqualTo(
                        "{\"messages\":[{\"message\":{\"message\":\"a \\\"quoted\\\" one\","
                                + "\"timestamp\":\"1970-09-08T00:00:00Z\"}},"
                                + "{\"message\":{\"message\":\"two\","
                                + "\"timestamp\":\"1970-09-08T00:00:00.000000001Z\"}}]}");
        assertThat(text(log.get(path + "&type=bosdyn.api.Event"))).isEqualTo("{\"messages\":[]}");
        HttpResponse<byte[]> unknown = log.get(path + "&type=bosdyn.api.WifiStats");
        assertThat(unknown.statusCode()).isEqualTo(403);
        assertThat(text(unknown)).startsWith("Bad Request: ").contains("bosdyn.api.TextMessage");
    }

    @Test
    void capturesAreAZipWithCountsAndDigests() throws Exception {
        long at = 8_000 * HOUR;
        String object = "bosdyn.api.DataAcquisitionObject";
        log.record(
                blob("../out/of here", object, at, "object"),
                blob("cam", "bosdyn.api.AssociatedMetadata", at + 25 * HOUR, "metadata"),
                blob("cam", "other", at, "no capture"));
        String path = "/v1/data-buffer/daq-data/";
        HttpResponse<byte[]> answer = log.get(path + nanos(at, at + 25 * HOUR));
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/zip");
        assertThat(answer.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename=\"daq-data.zip\"");
        Map<String, String> files = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(answer.body()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        assertThat(files.keySet())
                .containsExactly(
                        "000000-.._out_of_here.bin", "000001-cam.metadata.pb", "manifest.json");
        assertThat(files).containsEntry("000001-cam.metadata.pb", "metadata");
        String digest =
                HexFormat.of()
                        .formatHex(
                                MessageDigest.getInstance("SHA-256")
                                        .digest("object".getBytes(StandardCharsets.UTF_8)));
        assertThat(files.get("manifest.json"))
                .startsWith("{\"captures\":0,\"objects\":1,\"metadata\":1,")
                .contains("\"sha256\":\"" + digest + "\"");
        // Without a span it is everything; a channel selects.
        assertThat(text(log.get(path + "?channel=cam"))).contains("cam.metadata.pb");
        assertThat(log.get(path + "?channel=none").statusCode()).isEqualTo(204);
        assertThat(log.get(path + "?type=x").statusCode()).isEqualTo(403);
    }

    @Test
    void pathsOfTheLogThatAreNotThereAreRefusedInPlainText() throws Exception {
        HttpResponse<byte[]> answer = log.get("/v1/data-buffer/other/");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(Exchange.TEXT);
    }

    private static void run(Path folder, String... command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
    }

    private static void need(String what, String... command) throws Exception {
        boolean there;
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            process.getInputStream().readAllBytes();
            there = process.waitFor(120, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            there = false; // There is no such program.
        }
        if (System.getenv("FOREBAY_REQUIRE_CLIENTS") != null) {
            assertThat(there).as(what).isTrue();
        }
        assumeThat(there).as("skipped: there is no " + what).isTrue();
    }

    /** The command of docs/datalog.md; it trusts the server's authority and no other. */
    @Test
    void curlDownloadsUnderTheNameThatTheServerGives() throws Exception {
        need("curl", "curl", "--version");
        long at = 1_761_000_000L * SECOND;
        log.record(blob("curl", "t", at, "by curl"));
        Path target = Files.createDirectory(directory.resolve("curl"));
        run(
                target,
                "curl",
                "--fail",
                "--silent",
                "--show-error",
                "--cacert",
                directory.resolve("data/keys/authority.pem").toString(),
                "--header",
                "Authorization: Bearer " + log.token,
                "--remote-name",
                "--remote-header-name",
                "https://localhost:"
                        + log.server.uris().getLast().getPort()
                        + BDDF
                        + "?from_sec=1761000000&to_sec=1761000000");
        assertThat(target.resolve("log-20251020T224000Z.bddf")).isNotEmptyFile();
    }

    /** The stock readers read a download of every kind of entry. */
    @Test
    void stockReadersReadADownload() throws Exception {
        need("Python that can import bosdyn.bddf", "python3", "-c", "import bosdyn.bddf");
        long at = 7_000 * HOUR;
        SignalSchema schema =
                new SignalSchema("stock", List.of(new SignalSchema.Variable("v", Pod.INT8, false)));
        long id = log.server.log().register(schema, "test");
        log.record(
                blob("stock", "t", at, "payload"),
                LogServer.comment("stock comment", at + 1),
                LogServer.event("stock event", at + 2, "LEVEL_HIGH"),
                new Entry.Tick(
                        OptionalLong.of(at + 3), 9, "legs", id, ByteBuffer.wrap(new byte[] {7})));
        HttpResponse<byte[]> answer = log.get(BDDF + nanos(at, at + 3));
        Path folder = Files.createDirectory(directory.resolve("stock"));
        Files.write(folder.resolve("log.bddf"), answer.body());
        Files.writeString(
                folder.resolve("read.py"),
                """
                from bosdyn.bddf import DataReader, ProtobufReader, ProtobufChannelReader, StreamDataReader
                from bosdyn.api.data_buffer_pb2 import OperatorComment, Event
                with open('log.bddf', 'rb') as f:
                    reader = DataReader(f)
                    series = reader.series_spec_to_index(
                        {'bosdyn:channel': 'stock', 'bosdyn:message-type': 't'})
                    assert reader.read(series, 0)[1:] == (%d, b'payload')
                    protobuf = ProtobufReader(reader)
                    (when, comment), = ProtobufChannelReader(protobuf, OperatorComment)
                    assert (when, comment.message) == (%d, 'stock comment'), comment
                    (when, event), = ProtobufChannelReader(protobuf, Event)
                    assert (when, event.id) == (%d, 'stock event'), event
                with open('log.bddf', 'rb') as f:
                    stream = StreamDataReader(f)
                    try:
                        while True:
                            stream.read_data_block()
                    except EOFError:
                        assert stream.eof
                """
                        .formatted(at, at + 1, at + 2));
        run(folder, "python3", "read.py");
    }

    /** A body without an end ends only if its client does. */
    @Test
    void clientThatLeavesEndsItsDownload() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Face endless =
                new Face() {
                    @Override
                    public List<Route> routes() {
                        return List.of(Route.unversioned("GET", "/endless", this::send));
                    }

                    private void send(Exchange exchange) throws IOException {
                        try {
                            LogFace.stream(
                                    exchange,
                                    "application/octet-stream",
                                    "endless",
                                    target -> {
                                        while (true) {
                                            target.write(ByteBuffer.allocate(1 << 16));
                                        }
                                    });
                        } finally {
                            ended.countDown();
                        }
                    }

                    @Override
                    public boolean owns(String path) {
                        return false;
                    }

                    @Override
                    public ErrorAnswer render(Throwable fault) {
                        return JsonErrors.of(fault);
                    }

                    @Override
                    public void close() {
                        // No request waits here.
                    }
                };
        Listener listener =
                new Listener(
                        "127.0.0.1",
                        0,
                        Protocols.PLAIN,
                        Optional.empty(),
                        new HostRule("localhost", Optional.empty()),
                        false,
                        List.of(endless),
                        Optional.empty());
        HttpListeners http =
                HttpListeners.start(
                        List.of(listener),
                        Duration.ofSeconds(30),
                        new FaultLog(log.clock),
                        new RequestCounts());
        try (Wire wire = new Wire(http.uris().getFirst())) {
            wire.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(wire.until("\r\n\r\n")).contains("200 OK");
            assertThat(ended.getCount()).isEqualTo(1);
            wire.reset();
            assertThat(ended.await(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            http.close();
        }
    }
}
