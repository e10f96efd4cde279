package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.forebay.base.Durability;
import dev.forebay.base.Nanos;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an operator sees of a running server: its figures, its log and its document. */
class OperationsTest {
    private static final String ID = "abcdefghijklmnopqrstuvwxyz";
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final String LABEL =
            "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\[\"\\\\n])*\"";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") .+");
    private static final Pattern TYPE =
            Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|summary)");
    private static final Pattern SAMPLE =
            Pattern.compile("(%s)((?:\\{%s(?:,%s)*})?) (\\S+)".formatted(NAME, LABEL, LABEL));

    @TempDir Path directory;

    private ForebayServer start(ServerLog log) throws IOException {
        ForebayServer server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("data"), 0).withServerLog(log));
        server.containers().create(ID);
        return server;
    }

    private static Wire.Answer ask(ForebayServer server, String request) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(request).answer(true);
        }
    }

    private static Wire.Answer get(ForebayServer server, String target) throws IOException {
        return ask(server, "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    private static String blob(ForebayServer server, String name) {
        String query = server.signer().query(ID, "cr", Instant.now(), Duration.ofHours(1));
        return "/containers/" + ID + "/" + name + "?" + query;
    }

    private static void putHello(ForebayServer server) throws IOException {
        Wire.Answer answer =
                ask(
                        server,
                        "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nHello"
                                .formatted(blob(server, "00/000")));
        assertThat(answer.status()).isEqualTo(201);
    }

    /** All samples by name and labels, of a text in which everything is as the format wants it. */
    private static Map<String, Double> parsed(String text) {
        Map<String, Double> samples = new TreeMap<>();
        Set<String> metrics = new HashSet<>();
        String metric = "";
        String type = "";
        assertThat(text).endsWith("\n");
        String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            Matcher help = HELP.matcher(lines[i]);
            Matcher sample = SAMPLE.matcher(lines[i]);
            if (help.matches()) {
                metric = help.group(1);
                assertThat(metrics.add(metric)).as("%s comes once", metric).isTrue();
                Matcher typed = TYPE.matcher(lines[++i]);
                assertThat(typed.matches()).as(lines[i]).isTrue();
                assertThat(typed.group(1)).isEqualTo(metric);
                type = typed.group(2);
                assertThat(metric.endsWith("_total")).as(metric).isEqualTo(type.equals("counter"));
            } else {
                assertThat(sample.matches()).as(lines[i]).isTrue();
                assertThat(sample.group(1))
                        .isIn(
                                type.equals("summary")
                                        ? List.of(metric + "_sum", metric + "_count")
                                        : List.of(metric));
                double value = Double.parseDouble(sample.group(3));
                assertThat(samples.put(sample.group(1) + sample.group(2), value))
                        .as("%s comes once", lines[i])
                        .isNull();
            }
        }
        return samples;
    }

    private static Map<String, Double> scrape(ForebayServer server) throws IOException {
        Wire.Answer answer = get(server, "/metrics");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type"))
                .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        return parsed(answer.text());
    }

    private static String requests(String method, String route, String status) {
        return "forebay_requests_total{method=\"%s\",route=\"%s\",status=\"%s\"}"
                .formatted(method, route, status);
    }

    /** Scrapes until a sample has this value: a request is counted behind its answer. */
    private static Map<String, Double> scrapeUntil(
            ForebayServer server, String sample, double value) throws IOException {
        long deadline = System.nanoTime() + Nanos.of(Duration.ofMinutes(2));
        Map<String, Double> samples = scrape(server);
        while (samples.getOrDefault(sample, 0.0) != value && System.nanoTime() - deadline < 0) {
            samples = scrape(server);
        }
        assertThat(samples).containsEntry(sample, value);
        return samples;
    }

    @Test
    void figuresAreInTheFormatOfPrometheusAndCountWhatWasServed() throws IOException {
        try (ForebayServer server = start(ServerLog.DEFAULT)) {
            putHello(server);
            get(server, blob(server, "00/000"));
            get(server, blob(server, "00/001"));
            get(server, "/nothing");
            String route = "/containers/{id}/{blob...}";
            scrapeUntil(server, requests("GET", route, "404"), 1);
            scrapeUntil(server, requests("other", "none", "400"), 1);
            scrapeUntil(server, requests("GET", route, "200"), 1);
            Map<String, Double> samples = scrapeUntil(server, requests("PUT", route, "201"), 1);
            assertThat(samples)
                    .containsEntry("forebay_blobs_created_total", 1.0)
                    .containsEntry("forebay_blobs_sent_total", 1.0)
                    .containsEntry("forebay_received_bytes_total", 5.0)
                    .containsEntry("forebay_followers_waiting", 0.0)
                    .containsEntry("forebay_healthy", 1.0)
                    .containsKeys(
                            "forebay_log_bytes",
                            "forebay_disk_last_sync_seconds",
                            "jvm_memory_used_bytes{area=\"heap\"}",
                            "jvm_threads");
            assertThat(samples.get("forebay_sent_bytes_total")).isGreaterThan(5);
            assertThat(samples.get("forebay_disk_sync_seconds_count")).isPositive();
            assertThat(samples.get("forebay_disk_sync_seconds_sum")).isPositive();
            assertThat(samples.get("forebay_disk_usable_bytes")).isPositive();
        }
    }

    private static String syncs(String area, String of) {
        return "forebay_sync_seconds_count{area=\"%s\",of=\"%s\"}".formatted(area, of);
    }

    private static String calls(String method, String status) {
        return "forebay_grpc_calls_total{method=\"%s\",status=\"%s\"}".formatted(method, status);
    }

    /** The same server with a listener of TLS, which takes gRPC. */
    private ForebayServer startWithTls() throws IOException {
        return ForebayServer.start(
                ServerConfig.of(directory.resolve("data"), 0).withTls(TlsConfig.of(0)));
    }

    private HttpResponse<byte[]> call(HttpClient client, ForebayServer server, String method)
            throws Exception {
        return client.sendAsync(
                        HttpRequest.newBuilder(server.uris().getLast().resolve("/" + method))
                                .header("Content-Type", "application/grpc")
                                .header("TE", "trailers")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[5]))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .get(2, TimeUnit.MINUTES);
    }

    @Test
    void syncsAreMeasuredWhereTheyHappenAndCallsOfGrpcByMethodAndStatus() throws Exception {
        String login = "bosdyn.api.AuthService/GetAuthToken";
        String log = "bosdyn.api.DataBufferService/RecordEvents";
        try (ForebayServer server = startWithTls();
                HttpClient client =
                        Tls.trusting(directory.resolve("data")).client(HttpClient.Version.HTTP_2)) {
            Map<String, Double> before = scrape(server);
            assertThat(before)
                    .containsEntry(calls(login, "OK"), 0.0)
                    .containsEntry(calls(log, "OK"), 0.0)
                    .containsEntry(calls("other", "OK"), 0.0)
                    .containsEntry(syncs("blobs", "file"), 0.0)
                    .containsEntry(requests("POST", "/buffers", "200"), 0.0)
                    .containsEntry(requests("POST", "/buffers", "500"), 0.0)
                    .containsEntry("forebay_sync_failures_total{area=\"pages\",of=\"file\"}", 0.0)
                    .containsKeys(
                            "forebay_journal_bytes",
                            "process_cpu_seconds_total",
                            "process_open_fds",
                            "jvm_buffer_memory_used_bytes{pool=\"direct\"}");
            assertThat(before.get("forebay_journal_files")).isPositive();

            server.containers().create(ID);
            putHello(server);
            server.log().record(List.of(LogServer.blob("a", "b", 1, "c")), Durability.SYNCED);
            assertThat(call(client, server, login).statusCode()).isEqualTo(200);
            var _ = call(client, server, log);
            var _ = call(client, server, "of.a.Stranger/Call");

            scrapeUntil(server, calls(login, "OK"), 1);
            scrapeUntil(server, calls(log, "UNAUTHENTICATED"), 1);
            Map<String, Double> after = scrapeUntil(server, calls("other", "UNIMPLEMENTED"), 1);
            for (String kind :
                    List.of(
                            syncs("blobs", "file"),
                            syncs("blobs", "directory"),
                            syncs("pages", "file"))) {
                assertThat(after.get(kind)).as(kind).isGreaterThan(before.get(kind));
            }
            assertThat(after.get(syncs("journal", "directory"))).isPositive();
            assertThat(after.get("forebay_sync_seconds_sum{area=\"blobs\",of=\"file\"}"))
                    .isPositive();
        }
    }

    @Test
    void followersAreCountedWhileTheyWait() throws IOException {
        try (ForebayServer server = start(ServerLog.DEFAULT)) {
            try (Wire wire = new Wire(server.uri())) {
                wire.send(
                        "GET %s HTTP/1.1\r\nHost: localhost\r\nPrefer: wait\r\n\r\n"
                                .formatted(blob(server, "content")));
                scrapeUntil(server, "forebay_followers_waiting", 1);
            }
            scrapeUntil(server, "forebay_followers_waiting", 0);
        }
    }

    @Test
    void documentIsServedAsItIs() throws IOException {
        try (ForebayServer server = start(ServerLog.DEFAULT)) {
            Wire.Answer answer = get(server, "/openapi.yaml");
            assertThat(answer.header("Content-Type")).isEqualTo("application/yaml");
            assertThat(answer.text())
                    .isEqualTo(
                            Files.readString(
                                    Path.of("src/main/resources/dev/forebay/server/openapi.yaml"),
                                    StandardCharsets.UTF_8));
        }
    }

    /** What is logged while {@code use} uses a server, until it is closed. */
    private List<String> logged(ServerLog log, Use use) throws IOException {
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        try (ForebayServer server = start(log)) {
            LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
            events.setContext(context);
            events.start();
            context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(events);
            use.of(server);
        }
        return events.list.stream()
                .map(event ->
                        "%s %s %s"
                                .formatted(
                                        event.getLoggerName(),
                                        event.getFormattedMessage(),
                                        event.getThrowableProxy()))
                .toList();
    }

    private interface Use {
        void of(ForebayServer server) throws IOException;
    }

    @Test
    void everyRequestIsALineAndNoLineShowsASignature() throws IOException {
        List<String> lines =
                logged(
                        new ServerLog(System.Logger.Level.TRACE, false, true),
                        server -> {
                            putHello(server);
                            get(server, blob(server, "00/000"));
                            get(server, blob(server, "00/00%"));
                            get(server, blob(server, "00/000").replace("sp=cr", "sp=r"));
                            get(server, blob(server, "content"));
                            ask(
                                    server,
                                    "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"
                                            .formatted(blob(server, "00/001")));
                        });
        String path = "access (PUT|GET) /containers/" + ID + "/";
        assertThat(lines)
                .anyMatch(line -> line.matches(path + "00/000 201 0 bytes [0-9]+ ms null"))
                .anyMatch(line -> line.matches(path + "00/000 200 5 bytes [0-9]+ ms null"))
                .anyMatch(line -> line.matches(path + "00/000 403 0 bytes [0-9]+ ms null"))
                .anyMatch(line -> line.matches(path + "content 409 [0-9]+ bytes [0-9]+ ms null"))
                .noneMatch(line -> line.contains("sig=") || line.contains("?"));
    }

    @Test
    void requestsAreNotLoggedUnlessAskedFor() throws IOException {
        List<String> lines =
                logged(
                        ServerLog.DEFAULT,
                        server -> {
                            putHello(server);
                            get(server, blob(server, "content"));
                        });
        assertThat(lines).isEmpty();
    }
}
