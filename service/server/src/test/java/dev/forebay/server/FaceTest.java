package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faces and listeners of a test's own behind the front. */
class FaceTest {
    /** Sends each piece of a body back as it comes, and fails as it is told. */
    private static final class EchoFace implements Face {
        private final String name;

        /** One permit for each piece that was sent back. */
        private final Semaphore echoed = new Semaphore(0);

        EchoFace(String name) {
            this.name = name;
        }

        @Override
        public List<Route> routes() {
            return List.of(
                    Route.unversioned("POST", "/" + name, this::echo),
                    Route.unversioned("GET", "/" + name + "/{fault}", EchoFace::fail),
                    Route.unversioned("GET", "/" + name, exchange -> exchange.sendText(200, name)));
        }

        private void echo(Exchange exchange) throws IOException {
            exchange.setStatus(200);
            exchange.readBody(
                    Long.MAX_VALUE,
                    piece -> {
                        byte[] copy = new byte[piece.remaining()];
                        piece.get(copy);
                        try {
                            exchange.write(false, ByteBuffer.wrap(copy));
                            echoed.release();
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            exchange.write(true, null);
        }

        private static void fail(Exchange exchange) throws IOException {
            switch (exchange.parameter("fault")) {
                case "runtime" -> throw new IllegalStateException("of the test");
                case "memory" -> throw new OutOfMemoryError("of the test");
                case "interrupt" -> {
                    Thread.currentThread().interrupt();
                    exchange.sendText(200, "after an interrupt");
                }
                default -> throw Refusal.notFound();
            }
        }

        @Override
        public boolean owns(String path) {
            return path.startsWith("/" + name);
        }

        @Override
        public ErrorAnswer render(Throwable fault) {
            return JsonErrors.of(fault).with("Echo-Face", name);
        }

        @Override
        public void close() {
            // No request waits here.
        }
    }

    @TempDir Path directory;
    private final FaultLog faults = new FaultLog(new ManualClock());
    private Optional<HttpListeners> started = Optional.empty();

    private List<URI> start(Listener... listeners) throws IOException {
        Logging.toStandardError(ServerLog.DEFAULT);
        started =
                Optional.of(
                        HttpListeners.start(
                                List.of(listeners),
                                Duration.ofSeconds(30),
                                faults,
                                new RequestCounts()));
        return started.get().uris();
    }

    @AfterEach
    void stop() throws IOException {
        if (started.isPresent()) {
            started.get().close();
        }
    }

    private static Listener listener(Protocols protocols, String host, Face... faces) {
        return new Listener(
                "127.0.0.1",
                0,
                protocols,
                Optional.empty(),
                new HostRule(host, Optional.empty()),
                false,
                List.of(faces),
                Optional.empty());
    }

    private static Wire.Answer get(URI uri, String path, String host) throws IOException {
        try (Wire wire = new Wire(uri)) {
            return wire.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                    .answer(true);
        }
    }

    @Test
    void listenerServesItsOwnFacesUnderItsOwnHosts() throws IOException {
        List<URI> uris =
                start(
                        listener(Protocols.PLAIN, "one.example", new EchoFace("one")),
                        listener(
                                Protocols.PLAIN,
                                "two.example",
                                new EchoFace("two"),
                                new EchoFace("both")));
        assertThat(get(uris.getFirst(), "/one", "one.example").text()).isEqualTo("one");
        assertThat(get(uris.getFirst(), "/two", "one.example").text()).contains("InvalidRoute");
        assertThat(get(uris.getFirst(), "/one", "two.example").status()).isEqualTo(421);
        assertThat(get(uris.getLast(), "/two", "two.example").text()).isEqualTo("two");
        assertThat(get(uris.getLast(), "/both", "two.example").text()).isEqualTo("both");
        assertThat(get(uris.getLast(), "/one", "two.example").text()).contains("InvalidRoute");
    }

    @Test
    void errorsTakeTheFormOfTheFaceThatWasAsked() throws IOException {
        URI uri =
                start(
                                listener(
                                        Protocols.PLAIN,
                                        "localhost",
                                        new EchoFace("one"),
                                        new EchoFace("two")))
                        .getFirst();
        for (String path : List.of("/two/none", "/two/no/route")) {
            Wire.Answer answer = get(uri, path, "localhost");
            assertThat(answer.header("Echo-Face")).as(path).isEqualTo("two");
            assertThat(answer.header("Request-Id")).isNotEmpty();
        }
        assertThat(get(uri, "/other", "localhost").header("Echo-Face")).isEmpty();
    }

    @Test
    void everyFaultOfARequestThreadIsAnsweredAndTheConnectionGoesOn() throws IOException {
        URI uri = start(listener(Protocols.PLAIN, "localhost", new EchoFace("one"))).getFirst();
        try (Wire wire = new Wire(uri)) {
            String[][] rows = {
                {"runtime", "500", "InternalError"},
                {"memory", "503", "ServerBusy"},
                {"interrupt", "200", "after an interrupt"},
                {"none", "404", "NotFound"},
                {"runtime", "500", "InternalError"},
            };
            for (String[] row : rows) {
                wire.send("GET /one/" + row[0] + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Wire.Answer answer = wire.answer(true);
                assertThat(answer.status()).as(row[0]).isEqualTo(Integer.parseInt(row[1]));
                assertThat(answer.text()).as(row[0]).contains(row[2]);
            }
        }
    }

    /** A face that checks its callers itself, or takes any host, as the test says. */
    private static Face face(String name, boolean guarded, boolean anyHost) {
        EchoFace echo = new EchoFace(name);
        return new Face() {
            @Override
            public List<Route> routes() {
                return echo.routes();
            }

            @Override
            public boolean guarded() {
                return guarded;
            }

            @Override
            public boolean takesAnyHost() {
                return anyHost;
            }

            @Override
            public boolean owns(String path) {
                return echo.owns(path);
            }

            @Override
            public ErrorAnswer render(Throwable fault) {
                return echo.render(fault);
            }

            @Override
            public void close() {
                echo.close();
            }
        };
    }

    @Test
    void hostsAreTheRuleOfTheFace() throws IOException {
        URI uri =
                start(
                                listener(
                                        Protocols.PLAIN,
                                        "localhost",
                                        face("log", true, true),
                                        face("other", true, false)))
                        .getFirst();
        assertThat(get(uri, "/log", "auth.spot.robot").text()).isEqualTo("log");
        assertThat(get(uri, "/log", "localhost").text()).isEqualTo("log");
        assertThat(get(uri, "/other", "localhost").text()).isEqualTo("other");
        for (String path : List.of("/other", "/none", "/log/../other", "/log/%2e%2e/other")) {
            assertThat(get(uri, path, "auth.spot.robot").status()).as(path).isIn(400, 421);
        }
        try (Wire wire = new Wire(uri)) {
            wire.send("GET /log HTTP/1.1\r\nHost: x\r\nOrigin: http://page.example\r\n\r\n");
            assertThat(wire.answer(true).status()).isEqualTo(403);
        }
    }

    @Test
    void onlyGuardedFacesAreServedBeyondLoopback() throws IOException {
        Listener inner =
                listener(
                        Protocols.PLAIN,
                        "localhost",
                        face("log", true, true),
                        face("control", false, false));
        Listener outer =
                new Listener(
                        inner.host(),
                        0,
                        inner.protocols(),
                        Optional.empty(),
                        inner.hosts(),
                        true,
                        inner.faces(),
                        Optional.empty());
        List<URI> uris = start(inner, outer);
        assertThat(get(uris.getFirst(), "/control", "localhost").status()).isEqualTo(200);
        assertThat(get(uris.getLast(), "/log", "localhost").status()).isEqualTo(200);
        Wire.Answer refused = get(uris.getLast(), "/control", "localhost");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.header("Echo-Face")).isEqualTo("control");
        assertThat(refused.text()).contains("loopback");
    }

    @Test
    void grpcCallsGoToTheHandlerOfTheirListener() throws IOException {
        Handler calls =
                new Handler.Abstract() {
                    @Override
                    public boolean handle(Request request, Response response, Callback callback) {
                        response.setStatus(418);
                        callback.succeeded();
                        return true;
                    }
                };
        Listener without = listener(Protocols.PLAIN, "localhost", new EchoFace("one"));
        Listener with =
                new Listener(
                        without.host(),
                        0,
                        without.protocols(),
                        Optional.empty(),
                        without.hosts(),
                        true,
                        without.faces(),
                        Optional.of(calls));
        List<URI> uris = start(without, with);
        assertThat(calls.isStarted()).isTrue();
        String[][] rows = {
            {"application/grpc", "200", "418"},
            {"Application/gRPC+proto", "200", "418"},
            {"text/plain", "200", "403"},
        };
        for (String[] row : rows) {
            for (int i = 0; i < 2; i++) {
                try (Wire wire = new Wire(uris.get(i))) {
                    wire.send(
                            "GET /one HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                    + row[0]
                                    + "\r\n\r\n");
                    assertThat(wire.answer(true).status())
                            .as("%s at listener %d", row[0], i)
                            .isEqualTo(Integer.parseInt(row[i + 1]));
                }
            }
        }
        stop();
        started = Optional.empty();
        assertThat(calls.isStopped()).isTrue();
    }

    /** The client shows no answer before its body has ended, so the face tells what it sent. */
    @Test
    void bodiesStreamBothWaysOverHttp2() throws Exception {
        Protocols protocols = Protocols.tls(Tls.authority(directory).serverContext());
        Tls tls = Tls.trusting(directory);
        EchoFace face = new EchoFace("one");
        URI uri = start(listener(protocols, "localhost", face)).getFirst();
        try (HttpClient client = tls.client(Version.HTTP_2);
                PipedOutputStream out = new PipedOutputStream();
                PipedInputStream source = new PipedInputStream(out)) {
            HttpRequest post =
                    HttpRequest.newBuilder(URI.create(uri + "/one"))
                            .POST(BodyPublishers.fromPublisher(new PieceByPiece(source)))
                            .build();
            var answer = client.sendAsync(post, BodyHandlers.ofString());
            for (String piece : List.of("first", "second")) {
                out.write(piece.getBytes(UTF_8));
                out.flush();
                assertThat(face.echoed.tryAcquire(120, TimeUnit.SECONDS)).isTrue();
            }
            out.close();
            assertThat(answer.get().version()).isEqualTo(Version.HTTP_2);
            assertThat(answer.get().body()).isEqualTo("firstsecond");
        }
    }

    @Test
    void bodiesStreamBothWaysOverHttp11() throws Exception {
        URI uri = start(listener(Protocols.PLAIN, "localhost", new EchoFace("one"))).getFirst();
        try (Wire wire = new Wire(uri)) {
            wire.send(
                    "POST /one HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            wire.send("5\r\nfirst\r\n");
            assertThat(wire.until("first")).contains("200 OK");
            wire.send("6\r\nsecond\r\n");
            assertThat(wire.until("second")).contains("6\r\n");
            wire.send("0\r\n\r\n");
            assertThat(wire.until("0\r\n\r\n")).isNotEmpty();
        }
    }

    @Test
    void takenAddressOfOneListenerLeavesNoListenerBehind() throws IOException {
        List<URI> uris = start(listener(Protocols.PLAIN, "localhost", new EchoFace("one")));
        Listener any = listener(Protocols.PLAIN, "localhost", new EchoFace("one"));
        Listener taken = at(uris.getFirst().getPort(), any);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        assertThatThrownBy(() ->
                        HttpListeners.start(
                                List.of(at(port, any), taken),
                                Duration.ZERO,
                                faults,
                                new RequestCounts()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("port " + taken.port());
        HttpListeners.tryAddress("127.0.0.1", port); // Refused if a listener is still there.
    }

    private static Listener at(int port, Listener other) {
        return new Listener(
                "127.0.0.1",
                port,
                Protocols.PLAIN,
                Optional.empty(),
                other.hosts(),
                false,
                other.faces(),
                Optional.empty());
    }
}
