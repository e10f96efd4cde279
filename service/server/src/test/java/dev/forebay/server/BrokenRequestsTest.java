package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What is no request of HTTP: refused below 500, by name, in our words and without an echo. */
class BrokenRequestsTest {
    private static final String MARK = "<script>";
    private static final String GET = "GET /metadata HTTP/1.1\r\nHost: localhost\r\n";
    private static final String PUT =
            "PUT /containers/x/y?api-version=1.0 HTTP/1.1\r\nHost: localhost\r\n";

    @TempDir Path directory;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Rest rest;

    @BeforeEach
    void start() throws IOException {
        rest = new Rest(directory.resolve("data"));
        log.start();
        root().addAppender(log);
    }

    @AfterEach
    void stop() throws IOException {
        rest.close();
        root().detachAppender(log);
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    }

    private record Row(int status, String request) {}

    private static final List<Row> ROWS =
            List.of(
                    new Row(400, MARK + "\r\n\r\n"),
                    new Row(400, "GET\r\n\r\n"),
                    new Row(400, "\u0016\u0003\u0001\u0002\u0000\u0001" + MARK + "\r\n\r\n"),
                    new Row(431, GET + "X: " + MARK + "x".repeat(20_000) + "\r\n\r\n"),
                    new Row(431, GET + ("X: " + MARK + "\r\n").repeat(3000) + "\r\n"),
                    new Row(414, "GET /" + "u".repeat(20_000) + " HTTP/1.1\r\n\r\n"),
                    new Row(414, "GET /?" + "u".repeat(20_000) + " HTTP/1.1\r\n\r\n"),
                    new Row(400, "GET /%zz" + MARK + " HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /%u0041 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /% HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /a\0b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /metadata%2F..%2Fx HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /a/..;/b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /%C3%28 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, GET + "X: a\0b\r\n\r\n"),
                    new Row(400, GET + "X" + MARK + "\r\n\r\n"),
                    new Row(400, GET + "X : y\r\n\r\n"),
                    new Row(400, GET + " folded\r\n\r\n"),
                    new Row(505, "GET /metadata HTTP/0.9\r\nHost: localhost\r\n\r\n"),
                    new Row(505, "GET /metadata\r\n\r\n"),
                    new Row(505, "GET /metadata HTTP/3.7\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "GET /metadata HTTP/1.1\r\n\r\n"),
                    new Row(400, GET + "Host: localhost\r\n\r\n"),
                    new Row(400, "GET /metadata HTTP/1.1\r\nHost: a b\r\n\r\n"),
                    new Row(400, "GET /metadata HTTP/1.1\r\nHost: localhost:99999\r\n\r\n"),
                    new Row(400, PUT + "Content-Length: -1\r\n\r\n"),
                    new Row(400, PUT + "Content-Length: +5\r\n\r\nHello"),
                    new Row(400, PUT + "Content-Length: 5, 6\r\n\r\nHello!"),
                    new Row(400, PUT + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nHello!"),
                    new Row(400, PUT + "Content-Length: " + "9".repeat(30) + "\r\n\r\n"),
                    new Row(
                            400,
                            PUT
                                    + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + "0\r\n\r\n"),
                    new Row(400, PUT + "Transfer-Encoding: gzip\r\n\r\n"),
                    new Row(400, PUT + "Transfer-Encoding: chunked, gzip\r\n\r\n"),
                    new Row(
                            501,
                            PUT + "Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
                    new Row(
                            501,
                            PUT
                                    + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    + "1\r\nx\r\n0\r\n\r\n"),
                    new Row(400, PUT + "Transfer-Encoding: chunked\r\n\r\n" + MARK + "\r\n\r\n"),
                    new Row(
                            400,
                            PUT
                                    + "Transfer-Encoding: chunked\r\n\r\n"
                                    + "F".repeat(20)
                                    + "\r\n\r\n"),
                    new Row(417, PUT + "Expect: " + MARK + "\r\nContent-Length: 1\r\n\r\nx"),
                    new Row(400, "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n\r\n"),
                    new Row(400, "TRACE /metadata HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(400, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                    new Row(426, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));

    @Test
    void everyOneIsRefusedByNameInOurWords() throws IOException {
        for (Row row : ROWS) {
            try (Wire wire = new Wire(rest.server.uri())) {
                Wire.Answer answer = wire.send(row.request).answer(true);
                String shown = row.request.substring(0, Math.min(120, row.request.length()));
                assertThat(answer.status()).as(shown).isEqualTo(row.status);
                assertThat(UUID.fromString(answer.header("Request-Id"))).isNotNull();
                assertThat(answer.toString()).doesNotContain(MARK);
                if (row.request.startsWith(PUT)) {
                    assertThat(answer.header("x-ms-error-code"))
                            .as(shown)
                            .isEqualTo("InvalidInput");
                    assertThat(answer.text()).isEmpty();
                } else {
                    assertThat(answer.header("Content-Type")).startsWith("application/json");
                    assertThat(Rest.parsed(answer).at("/error/message").stringValue()).isNotBlank();
                }
            }
        }
        assertThat(log.list).isEmpty();
    }

    @Test
    void bodiesThatBreakOffAreNoFaultsOfTheServer() throws IOException {
        String id = Rest.id(rest.create(""));
        String uri =
                rest.json(201, "POST", "/buffers/" + id + "/access?writeable=true", "")
                        .get("uri")
                        .stringValue();
        String blob = uri.substring(uri.indexOf("/containers")).replace("?", "/00/000?");
        for (String head :
                List.of(
                        "POST /buffers?api-version=1.0 HTTP/1.1\r\nContent-Type: application/json\r\n",
                        "PUT " + blob + " HTTP/1.1\r\n")) {
            try (Wire wire = new Wire(rest.server.uri())) {
                wire.send(head + "Host: localhost\r\nContent-Length: 1000\r\n\r\n{");
                wire.endInput();
                assertThat(wire.answer(true).status()).isEqualTo(400);
            }
            try (Wire wire = new Wire(rest.server.uri())) {
                wire.send(
                        head
                                + "Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nx\r\n");
                assertThat(wire.answer(true).status()).isEqualTo(400);
            }
        }
        assertThat(rest.get("/buffers/count").intValue()).isEqualTo(1);
        assertThat(log.list).isEmpty();
    }

    private String newBlob() throws IOException {
        String id = Rest.id(rest.create(""));
        String uri =
                rest.json(201, "POST", "/buffers/" + id + "/access?writeable=true", "")
                        .get("uri")
                        .stringValue();
        return uri.substring(uri.indexOf("/containers")).replace("?", "/00/000?");
    }

    @Test
    void bodyInAnotherTransferCodingIsNotStored() throws IOException {
        String blob = newBlob();
        try (Wire wire = new Wire(rest.server.uri())) {
            wire.send("PUT " + blob + " HTTP/1.1\r\nHost: localhost\r\n");
            wire.send("Transfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n");
            assertThat(wire.answer(true).status()).isEqualTo(501);
        }
        assertThat(rest.raw("GET", blob, "", "").status()).isEqualTo(404);
        assertThat(rest.raw("PUT", blob, "", "x").status()).isEqualTo(201);
    }

    @Test
    void oneForeignOriginAmongSeveralIsRefused() throws IOException {
        String own = "Origin: http://localhost\r\n";
        String foreign = "Origin: http://evil.example\r\n";
        for (String origins : List.of(own + foreign, foreign + own, own + own + foreign)) {
            assertThat(rest.raw("GET", "/metadata", origins, "").status()).isEqualTo(403);
        }
        assertThat(rest.raw("GET", "/metadata", own + own, "").status()).isEqualTo(200);
    }

    @Test
    void readerThatLeavesInMidBodyIsNoFaultOfTheServer() throws Exception {
        String blob = newBlob();
        assertThat(rest.raw("PUT", blob, "", "x".repeat(32 << 20)).status()).isEqualTo(201);
        for (int i = 0; i < 5; i++) {
            try (Wire wire = new Wire(rest.server.uri())) {
                wire.send("GET " + blob + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                wire.until("\r\n\r\nxxx");
                wire.reset();
            }
        }
        rest.close(); // It waits for the requests under way.
        assertThat(log.list).isEmpty();
    }

    @Test
    void versionZeroOfHttpOneIsAnswered() throws IOException {
        try (Wire wire = new Wire(rest.server.uri())) {
            String old = "GET /metadata HTTP/1.0\r\nHost: localhost\r\n\r\n";
            assertThat(wire.send(old).answer(true).status()).isEqualTo(200);
        }
        try (Wire wire = new Wire(rest.server.uri())) {
            Wire.Answer answer = wire.send("GET /metadata HTTP/1.0\r\n\r\n").answer(true);
            assertThat(answer.text()).contains(rest.server.uri().toString());
        }
    }
}
