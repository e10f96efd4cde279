package dev.forebay.blobhttp;

import static dev.forebay.blobhttp.DataPlane.NAME;
import static dev.forebay.blobhttp.DataPlane.faultOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Durability;
import dev.forebay.blob.BlobName;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections are used, and answers that are broken in other ways. */
@Timeout(300)
class HttpConnectionsTest {
    private static final String HELLO_MD5 =
            Md5.of(ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8))).base64();

    /** A bar is the end of a line. */
    private static final String HELLO =
            "HTTP/1.1 200 OK|Content-MD5: " + HELLO_MD5 + "|Content-Length: 5||Hello";

    private static final String HELLO_CUT =
            "HTTP/1.1 200 OK|Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==|Content-Length: 5||He";

    private final List<String> heads = new CopyOnWriteArrayList<>();

    /** Answers one request after the other until the client leaves. */
    private RawServer.Handler answering(Supplier<String> answers) {
        return connection -> {
            InputStream input = new BufferedInputStream(connection.getInputStream());
            while (true) {
                String answer = answers.get();
                try {
                    heads.add(RawServer.head(input));
                } catch (IOException e) {
                    return; // The client left.
                }
                write(connection, answer);
                if (answer.contains("Connection: close")) {
                    return;
                }
            }
        };
    }

    private static void write(Socket connection, String answer) throws IOException {
        connection
                .getOutputStream()
                .write(answer.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static HttpContainer container(RawServer server) {
        HttpTimeouts patient =
                new HttpTimeouts(
                        Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMinutes(5));
        return new HttpContainer(AccessUrlSource.fixed(server.url()), patient, Durability.SYNCED);
    }

    private static String get(HttpContainer container) {
        try (OpenBlob blob = ((Lookup.Found) container.get(NAME, Wait.NONE)).blob()) {
            ByteBuffer body = ByteBuffer.allocate((int) Math.min(100, blob.info().size()));
            blob.readInto(body);
            return StandardCharsets.UTF_8.decode(body.flip()).toString();
        }
    }

    @Test
    void aConnectionCarriesOneExchangeAfterTheOther() {
        try (RawServer server = new RawServer(answering(() -> HELLO));
                HttpContainer container = container(server)) {
            for (int i = 0; i < 5; i++) {
                assertThat(get(container)).isEqualTo("Hello");
            }
            assertThat(server.connections).hasValue(1);
            assertThat(heads).hasSize(5).allMatch(head -> head.startsWith("GET /containers/abc/"));
            assertThat(String.join("", heads)).doesNotContainIgnoringCase("expect:");
        }
    }

    /** Connections to a host of these addresses. */
    private static HttpConnections to(InetAddress... addresses) {
        Duration patience = Duration.ofMinutes(5);
        return new HttpConnections(
                new HttpTimeouts(patience, patience, patience),
                () -> {
                    throw new AssertionError("nothing here is secured");
                },
                _ -> List.of(addresses),
                HttpProxy.none());
    }

    private static int status(HttpConnections connections, RawServer server) throws IOException {
        HttpCall call =
                new HttpCall(
                        "GET",
                        server.url().of(new BlobName("blob")),
                        List.of(),
                        Duration.ofMinutes(5));
        HttpConnections.Answered answer = connections.send(call);
        answer.body().close();
        return answer.head().status();
    }

    /** An address of this machine at which nothing listens. */
    private static InetAddress silent() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    }

    @Test
    void everyAddressOfAHostIsTriedUntilOneTakesTheConnection() throws IOException {
        try (RawServer server = new RawServer(answering(() -> HELLO));
                HttpConnections connections =
                        to(silent(), silent(), InetAddress.getLoopbackAddress())) {
            assertThatCode(() -> assertThat(status(connections, server)).isEqualTo(200))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void aHostOfWhichNoAddressTakesAConnectionRefusesIt() throws IOException {
        try (RawServer server = new RawServer(answering(() -> HELLO));
                HttpConnections connections = to(silent(), silent())) {
            assertThatThrownBy(() -> status(connections, server))
                    .isInstanceOf(ConnectException.class)
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
            assertThat(server.connections).hasValue(0);
        }
    }

    /** The server answers after the head of a PUT, takes no more of it, and hangs up. */
    @ParameterizedTest
    @ValueSource(ints = {413, 507})
    void anAnswerInMidBodyIsReadAndNotTakenForABrokenConnection(int status) {
        RawServer.Handler early =
                connection -> {
                    String head = RawServer.head(connection.getInputStream());
                    assertThat(head).startsWith("PUT ");
                    write(
                            connection,
                            "HTTP/1.1 %d No|Content-Length: 0|Connection: close||"
                                    .formatted(status));
                };
        ByteBuffer body = ByteBuffer.allocate(8 << 20);
        try (RawServer server = new RawServer(early);
                HttpContainer container = container(server)) {
            Fault expected = status == 413 ? Fault.BAD_REQUEST : Fault.NO_SPACE;
            assertThat(faultOf(() -> container.put(NAME, body, Md5.of(body), Map.of())))
                    .isEqualTo(expected);
        }
    }

    @Test
    void aBodyThatIsNotReadToItsEndEndsItsConnection() {
        try (RawServer server = new RawServer(answering(() -> HELLO));
                HttpContainer container = container(server)) {
            ((Lookup.Found) container.get(NAME, Wait.NONE)).blob().close();
            assertThat(get(container)).isEqualTo("Hello");
            assertThat(server.connections).hasValue(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 404 No|x-ms-error-code: BlobNotFound|Connection: close|Content-Length: 0||",
                "HTTP/1.0 404 No|x-ms-error-code: BlobNotFound|Content-Length: 0|x: Connection: close||",
                "HTTP/1.1 404 No|x-ms-error-code: BlobNotFound|Content-Length: 0||surplus",
                "HTTP/1.1 404 No|x-ms-error-code: BlobNotFound|Transfer-Encoding: chunked||3|abc|0||"
            })
    void aConnectionOfWhichTheStateIsNotSureIsNotUsedAgain(String answer) {
        try (RawServer server = new RawServer(answering(() -> answer));
                HttpContainer container = container(server)) {
            for (int i = 1; i <= 3; i++) {
                assertThat(container.get(NAME, Wait.NONE)).isInstanceOf(Lookup.Absent.class);
                assertThat(server.connections).hasValue(i);
            }
        }
    }

    /** It answers once and closes the connection without having said so. */
    @Test
    void aConnectionThatWasClosedWhileIdleIsReplaced() {
        try (RawServer server = new RawServer(RawServer.answering(HELLO));
                HttpContainer container = container(server)) {
            for (int i = 1; i <= 3; i++) {
                assertThat(get(container)).isEqualTo("Hello");
                assertThat(server.connections).hasValue(i);
            }
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNotAskedForAgain() {
        String[] answers = {HELLO, "HTTP/1.1 2"};
        int[] next = {0};
        RawServer.Handler cutting =
                connection -> {
                    InputStream input = connection.getInputStream();
                    for (String answer : answers) {
                        heads.add(RawServer.head(input));
                        next[0]++;
                        write(connection, answer);
                    }
                };
        try (RawServer server = new RawServer(cutting);
                HttpContainer container = container(server)) {
            assertThat(get(container)).isEqualTo("Hello");
            assertThat(faultOf(() -> get(container))).isEqualTo(Fault.UNAVAILABLE);
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void interimAnswersAreSkipped() {
        String hints = "HTTP/1.1 103 Early Hints|Link: x||HTTP/1.1 100 Continue||";
        try (RawServer server = new RawServer(answering(() -> hints + HELLO));
                HttpContainer container = container(server)) {
            assertThat(get(container)).isEqualTo("Hello");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 Switch||",
                "HTTP/1.1 200 OK|Transfer-Encoding: gzip||x",
                "HTTP/1.1 503 Busy|Transfer-Encoding: chunked||zz|x|0||"
            })
    void anotherCodingOrProtocolIsUnavailable(String answer) {
        try (RawServer server = new RawServer(RawServer.answering(answer));
                HttpContainer container = container(server)) {
            assertThat(faultOf(() -> get(container))).isEqualTo(Fault.UNAVAILABLE);
        }
    }

    @Test
    void anEndlessRowOfInterimAnswersIsUnavailable() {
        String many = "HTTP/1.1 100 Continue||".repeat(100);
        try (RawServer server = new RawServer(RawServer.answering(many));
                HttpContainer container = container(server)) {
            assertThat(faultOf(() -> get(container))).isEqualTo(Fault.UNAVAILABLE);
        }
    }

    /** Whatever is flipped, cut or doubled, a call ends with bytes of that length or a fault. */
    @Test
    void anAnswerThatIsBrokenAtRandomEndsAsBytesOrAsAFault() {
        Random random = new Random(23);
        String whole = HELLO.replace("|", "\r\n");
        int read = 0;
        for (int i = 0; i < 400; i++) {
            StringBuilder broken = new StringBuilder(whole);
            for (int changes = 1 + random.nextInt(3); changes > 0 && !broken.isEmpty(); changes--) {
                int at = random.nextInt(broken.length());
                switch (random.nextInt(3)) {
                    case 0 -> broken.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> broken.delete(at, Math.min(broken.length(), at + random.nextInt(9)));
                    default -> broken.insert(at, whole, 0, random.nextInt(30));
                }
            }
            String answer = broken.toString().replace("|", "_");
            try (RawServer server = new RawServer(RawServer.answering(answer));
                    HttpContainer container = container(server)) {
                assertThat(get(container).length()).isLessThanOrEqualTo(100);
                read++;
            } catch (ContainerException e) {
                assertThat(e.fault())
                        .as("%s", answer)
                        .isIn(Fault.UNAVAILABLE, Fault.BROKEN_BODY, Fault.FAILED);
            }
        }
        assertThat(read).isBetween(1, 399);
    }

    @Test
    void aHeaderThatWouldEndItsLineIsNotSent() {
        try (RawServer server = new RawServer(answering(() -> HELLO));
                HttpContainer container = container(server)) {
            ByteBuffer body = ByteBuffer.allocate(1);
            assertThatThrownBy(() ->
                            container.put(
                                    NAME, body, Md5.of(body), Map.of("a", "b\r\nX-Evil: yes")))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(heads).isEmpty();
        }
    }

    @Test
    void anInterruptEndsAWaitForAnAnswerAndKeepsItsFlag() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        RawServer.Handler silent =
                connection -> {
                    InputStream input = connection.getInputStream();
                    RawServer.head(input);
                    asked.countDown();
                    int _ = input.read(); // Until the client leaves.
                };
        try (RawServer server = new RawServer(silent);
                HttpContainer container = container(server)) {
            CompletableFuture<Boolean> ended = new CompletableFuture<>();
            Thread thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                boolean closed = faultOf(() -> get(container)) == Fault.CLOSED;
                                ended.complete(closed && Thread.currentThread().isInterrupted());
                            });
            assertThat(asked.await(5, TimeUnit.MINUTES)).isTrue();
            thread.interrupt();
            assertThat(ended.get(5, TimeUnit.MINUTES)).isTrue();
        }
    }

    /**
     * The limits hold for the head of an answer, for a request that the server does not read, and
     * for a body.
     */
    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK|", HELLO_CUT})
    void aCallThatStandsStillIsGivenUpAndItsConnectionEnded(String begin) {
        CompletableFuture<Boolean> left = new CompletableFuture<>();
        RawServer.Handler silent =
                connection -> {
                    InputStream input = connection.getInputStream();
                    RawServer.head(input);
                    write(connection, begin);
                    left.complete(input.read() < 0);
                };
        HttpTimeouts hasty =
                new HttpTimeouts(
                        Duration.ofMinutes(5), Duration.ofMillis(200), Duration.ofMillis(200));
        try (RawServer server = new RawServer(silent);
                HttpContainer container =
                        new HttpContainer(
                                AccessUrlSource.fixed(server.url()), hasty, Durability.SYNCED)) {
            CompletableFuture<Fault> ended = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> ended.complete(faultOf(() -> get(container))));
            assertThat(ended).succeedsWithin(Duration.ofSeconds(25)).isEqualTo(Fault.TIMED_OUT);
            assertThat(left).succeedsWithin(Duration.ofSeconds(25)).isEqualTo(true);
        }
    }
}
