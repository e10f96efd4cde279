package dev.forebay.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;
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
        Logging.toStandardError();
        started =
                Optional.of(
                        HttpListeners.start(List.of(listeners), Duration.ofSeconds(30), faults));
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
                List.of(faces));
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

    /** The client shows no answer before its body has ended, so the face tells what it sent. */
    @Test
    void bodiesStreamBothWaysOverHttp2() throws Exception {
        Tls tls = new Tls(directory);
        EchoFace face = new EchoFace("one");
        URI uri = start(listener(tls.protocols(), "localhost", face)).getFirst();
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
        Listener free = listener(Protocols.PLAIN, "localhost", new EchoFace("one"));
        Listener taken =
                new Listener(
                        "127.0.0.1",
                        uris.getFirst().getPort(),
                        Protocols.PLAIN,
                        Optional.empty(),
                        free.hosts(),
                        free.faces());
        long before = ports();
        assertThatThrownBy(() -> HttpListeners.start(List.of(free, taken), Duration.ZERO, faults))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("port " + uris.getFirst().getPort());
        assertThat(ports()).isEqualTo(before);
    }

    /** Threads that accept connections, one a listener at least. */
    private static long ports() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("acceptor"))
                .count();
    }
}
