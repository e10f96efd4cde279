package dev.forebay.blobhttp;

import static dev.forebay.blobhttp.DataPlane.NAME;
import static dev.forebay.blobhttp.DataPlane.faultOf;
import static dev.forebay.blobhttp.DataPlane.faultOnceConnected;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Durability;
import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.Lookup;
import dev.forebay.blob.Md5;
import dev.forebay.blob.OpenBlob;
import dev.forebay.blob.Wait;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that lies, drips, floods or falls silent: every call ends, and with a class of fault.
 */
@Timeout(300)
class HostileServerTest {
    private static final String HELLO_MD5 =
            Md5.of(ByteBuffer.wrap("Hello".getBytes(StandardCharsets.UTF_8))).base64();

    /** A bar is the end of a line. */
    private static final String FOUND = "HTTP/1.1 200 OK|Content-MD5: " + HELLO_MD5 + "|";

    private static final HttpTimeouts HASTY =
            new HttpTimeouts(Duration.ofMinutes(5), Duration.ofMillis(300), Duration.ofMillis(300));

    /** Waits for the head of an answer, however slow the machine, but for no body. */
    private static final HttpTimeouts HASTY_WITH_BODIES =
            new HttpTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(5), Duration.ofMillis(300));

    private static HttpContainer container(RawServer server, HttpTimeouts timeouts) {
        return new HttpContainer(AccessUrlSource.fixed(server.url()), timeouts, Durability.SYNCED);
    }

    private static void get(HttpContainer container) {
        if (container.get(NAME, Wait.NONE) instanceof Lookup.Found(OpenBlob blob)) {
            try (blob) {
                ByteBuffer body = ByteBuffer.allocate((int) Math.min(100, blob.info().size()));
                blob.readInto(body);
            }
        }
    }

    private static void put(HttpContainer container) {
        ByteBuffer body = ByteBuffer.allocate(100);
        container.put(NAME, body, Md5.of(body), Map.of());
    }

    static Stream<Arguments> lies() {
        return Stream.of(
                Arguments.of("\0\1\2 nonsense||", Fault.FAILED),
                Arguments.of("HTTP/1.1 999999 What||", Fault.UNAVAILABLE),
                Arguments.of("HTTP/1.1 200 OK|" + "X: y|".repeat(90_000), Fault.FAILED),
                Arguments.of(FOUND + "|Hello", Fault.BROKEN_BODY),
                Arguments.of(FOUND + "Content-Length: 9||Hello", Fault.BROKEN_BODY),
                Arguments.of(FOUND + "Transfer-Encoding: chunked||5|Hello|0||", Fault.BROKEN_BODY),
                Arguments.of(
                        "HTTP/1.1 200 OK|Content-Length: 5|Content-MD5: no||Hello", Fault.FAILED),
                Arguments.of(
                        "HTTP/1.1 200 OK|Transfer-Encoding: chunked||6|<html>|0||", Fault.FAILED),
                Arguments.of(FOUND + "Last-Modified: soon|Content-Length: 0||", Fault.FAILED),
                Arguments.of(
                        "HTTP/1.1 301 Moved|Location: /other|Content-Length: 0||", Fault.FAILED),
                Arguments.of(
                        "HTTP/1.1 307 Moved|Location: http://localhost/|Content-Length: 0||",
                        Fault.FAILED),
                Arguments.of("HTTP/1.1 204 None||", Fault.FAILED),
                Arguments.of("HTTP/1.1 206 Part|Content-Length: 1||H", Fault.FAILED),
                Arguments.of("HTTP/1.1 304 Same||", Fault.FAILED),
                Arguments.of("HTTP/1.1 401 Who|Content-Length: 0||", Fault.BAD_REQUEST),
                Arguments.of("HTTP/1.1 407 Who|Content-Length: 0||", Fault.BAD_REQUEST),
                Arguments.of("HTTP/1.1 503 Busy|Content-Length: 9||half", Fault.UNAVAILABLE));
    }

    @ParameterizedTest
    @MethodSource("lies")
    void everyLieIsAFaultOfItsClassAndIsFollowedNowhere(String answer, Fault fault) {
        try (RawServer server = new RawServer(RawServer.answering(answer));
                HttpContainer container = container(server, HttpTimeouts.defaults())) {
            assertThat(faultOf(() -> get(container))).isEqualTo(fault);
            assertThat(server.connections).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SSH-2.0-OpenSSH_9.2|", "220 mail ESMTP|500 what?|", "\u0015\3\1\0\2\2("})
    void serverOfAnotherProtocolIsNamedAndNotTriedAgain(String greeting) {
        try (RawServer server = new RawServer(RawServer.answering(greeting));
                HttpContainer container = container(server, HttpTimeouts.defaults())) {
            for (Runnable call : calls(container)) {
                assertThatThrownBy(call::run)
                        .isInstanceOfSatisfying(
                                ContainerException.class, e -> assertThat(e.mayRetry()).isFalse())
                        .hasMessageContaining("expected a ");
            }
        }
    }

    private static List<Runnable> calls(HttpContainer container) {
        return List.of(() -> get(container), () -> put(container), () -> container.head(NAME));
    }

    @Test
    void serverThatDoesNotSpeakTlsIsNamedAndNotTriedAgain() {
        try (RawServer server =
                        new RawServer(connection ->
                                connection
                                        .getOutputStream()
                                        .write("HTTP/1.1 400 B".getBytes(US_ASCII)));
                HttpContainer container =
                        new HttpContainer(
                                AccessUrlSource.fixed(
                                        new AccessUrl(
                                                server.url()
                                                        .secret()
                                                        .replace("http:", "https:"))))) {
            for (Runnable call : calls(container)) {
                assertThatThrownBy(call::run)
                        .isInstanceOfSatisfying(
                                ContainerException.class,
                                e -> assertThat(e.fault()).isEqualTo(Fault.FAILED))
                        .hasMessageContaining("expected a server that speaks TLS");
            }
        }
    }

    @Test
    void nonsenseFromServerThatAnsweredBeforeMayPass() {
        AtomicBoolean first = new AtomicBoolean(true);
        try (RawServer server =
                        new RawServer(connection ->
                                RawServer.answering(
                                                first.getAndSet(false)
                                                        ? "HTTP/1.1 503 Busy|Content-Length: 0|Connection: close||"
                                                        : "nonsense||")
                                        .handle(connection));
                HttpContainer container = container(server, HttpTimeouts.defaults())) {
            assertThat(faultOf(() -> get(container))).isEqualTo(Fault.UNAVAILABLE);
            assertThat(faultOf(() -> get(container))).isEqualTo(Fault.UNAVAILABLE);
            assertThat(server.connections).hasValue(2);
        }
    }

    @Test
    void aServerThatHangsUpWithoutAWordIsUnavailable() {
        try (RawServer server = new RawServer(RawServer.answering(""));
                HttpContainer container = container(server, HttpTimeouts.defaults())) {
            assertThat(faultOf(() -> get(container))).isEqualTo(Fault.UNAVAILABLE);
            assertThat(faultOf(() -> put(container))).isEqualTo(Fault.UNAVAILABLE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "5x", "99999999999999999999", "5, 6", ""})
    void aLengthThatIsNoneIsAFaultThatMayPass(String length) {
        String answer = FOUND + "Content-Length: " + length + "||Hello";
        try (RawServer server = new RawServer(RawServer.answering(answer));
                HttpContainer container = container(server, HttpTimeouts.defaults())) {
            assertThat(faultOf(() -> get(container))).isIn(Fault.BROKEN_BODY, Fault.UNAVAILABLE);
            assertThat(faultOf(() -> container.head(NAME)))
                    .isIn(Fault.BROKEN_BODY, Fault.UNAVAILABLE);
            assertThat(faultOf(() -> put(container)))
                    .isIn(Fault.FAILED, Fault.BROKEN_BODY, Fault.UNAVAILABLE);
        }
    }

    /** Goes on with a byte now and then until the client has gone. */
    private static RawServer.Handler dripping(String before) {
        return connection -> {
            RawServer.answering(before).handle(connection);
            connection.setSoTimeout(20);
            do {
                connection.getOutputStream().write('x');
            } while (isThere(connection));
        };
    }

    private static boolean isThere(Socket client) throws IOException {
        try {
            return client.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true; // It is there and says nothing.
        }
    }

    static Stream<Arguments> drips() {
        return Stream.of(
                Arguments.of("", HASTY, Fault.TIMED_OUT),
                Arguments.of("HTTP/1.1 200 OK|X: ", HASTY, Fault.TIMED_OUT),
                Arguments.of(
                        FOUND + "Content-Length: 100000||", HASTY_WITH_BODIES, Fault.TIMED_OUT),
                Arguments.of(
                        "HTTP/1.1 503 Busy|Content-Length: 100000||",
                        HASTY_WITH_BODIES,
                        Fault.UNAVAILABLE),
                Arguments.of("HTTP/1.1 503 Busy||", HASTY_WITH_BODIES, Fault.UNAVAILABLE));
    }

    @ParameterizedTest
    @MethodSource("drips")
    void aServerThatDripsHoldsNobody(String before, HttpTimeouts timeouts, Fault fault) {
        try (RawServer server = new RawServer(dripping(before));
                HttpContainer container = container(server, timeouts)) {
            assertThat(
                            faultOnceConnected(() -> {
                                if (container.get(NAME, Wait.NONE)
                                        instanceof Lookup.Found(OpenBlob blob)) {
                                    try (blob) {
                                        blob.readInto(ByteBuffer.allocate(100_000));
                                    }
                                }
                            }))
                    .isEqualTo(fault);
        }
    }

    @Test
    void aServerThatTakesNoBodyHoldsNobody() {
        CountDownLatch over = new CountDownLatch(1);
        try (RawServer server =
                        new RawServer(connection -> {
                            RawServer.head(connection.getInputStream());
                            await(over);
                        });
                HttpContainer container = container(server, HASTY)) {
            ByteBuffer large = ByteBuffer.allocateDirect(32 << 20);
            assertThat(faultOf(() -> container.put(NAME, large, Md5.OF_NOTHING, Map.of())))
                    .isEqualTo(Fault.TIMED_OUT);
            over.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aBodyThatIsResetAfterAnyByteIsAFaultThatMayPass() {
        String whole = (FOUND + "Content-Length: 5||Hello").replace("|", "\r\n");
        for (int cut = 0; cut < whole.length(); cut++) {
            RawServer.Handler some = RawServer.answering(whole.substring(0, cut));
            try (RawServer server =
                            new RawServer(connection -> {
                                some.handle(connection);
                                connection.setSoLinger(true, 0); // Closing resets it.
                            });
                    HttpContainer container = container(server, HttpTimeouts.defaults())) {
                assertThat(faultOf(() -> get(container)))
                        .as("after %s bytes", cut)
                        .isIn(Fault.UNAVAILABLE, Fault.BROKEN_BODY);
            }
        }
    }

    @Test
    void aContainerThatWasClosedSaysSoAndIsNotTriedAgain() {
        try (RawServer server = new RawServer(RawServer.answering(""))) {
            HttpContainer container = container(server, HttpTimeouts.defaults());
            container.close();
            assertThat(faultOf(() -> container.head(NAME))).isEqualTo(Fault.CLOSED);
        }
    }
}
