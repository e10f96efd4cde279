package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that stand still in the middle of a request or an answer, and those beside them. */
class SlowClientsTest {
    private static final String ID = "slowclients";
    private static final int MANY = 300;

    @TempDir Path directory;
    private ForebayServer server;
    private final List<Wire> slow = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server =
                ForebayServer.start(
                        ServerConfig.of(directory.resolve("data"), 0)
                                .withGrace(Duration.ofSeconds(60)));
        server.containers().create(ID);
    }

    @AfterEach
    void stop() throws IOException {
        for (Wire wire : slow) {
            wire.close();
        }
        server.close();
    }

    private String blob(String name, String letters) {
        String query = server.signer().query(ID, letters, Instant.now(), Duration.ofMinutes(30));
        return "/containers/" + ID + "/" + name + "?" + query;
    }

    private static String put(String target, int length) {
        return "PUT "
                + target
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
                + length
                + "\r\n\r\n";
    }

    private void assertOthersAreServed() {
        assertThat(CompletableFuture.supplyAsync(this::putAndGet))
                .succeedsWithin(Duration.ofSeconds(60))
                .isEqualTo("Hello");
    }

    private String putAndGet() {
        try (Wire wire = new Wire(server.uri())) {
            assertThat(wire.send(put(blob("00/000", "cr"), 5) + "Hello").answer(true).status())
                    .isEqualTo(201);
            String get = "GET " + blob("00/000", "r") + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
            return wire.send(get).answer(true).text();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void headsThatDoNotEndHoldNoOtherClient() throws IOException {
        for (int i = 0; i < MANY; i++) {
            slow.add(new Wire(server.uri()).send("GET /metadata HTTP/1.1\r\nHost: loc"));
        }
        assertOthersAreServed();
    }

    @Test
    void bodiesThatDoNotEndHoldNoOtherClient() throws IOException {
        for (int i = 0; i < MANY; i++) {
            slow.add(new Wire(server.uri()).send(put(blob("01/0" + i, "cr"), 1000) + "the first"));
        }
        assertOthersAreServed();
    }

    @Test
    void answersThatAreNotReadHoldNoOtherClient() throws IOException {
        int size = 8 << 20;
        try (Wire wire = new Wire(server.uri())) {
            String large = put(blob("02/000", "cr"), size) + "x".repeat(size);
            assertThat(wire.send(large).answer(true).status()).isEqualTo(201);
        }
        for (int i = 0; i < 50; i++) {
            slow.add(
                    new Wire(server.uri())
                            .send(
                                    "GET "
                                            + blob("02/000", "r")
                                            + " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        }
        assertOthersAreServed();
    }

    @Test
    void aRefusedPutIsTakenWholeBeforeItsAnswerAndTheConnectionGoesOn() {
        assertThatCode(this::putRefusedAndThenAnother).doesNotThrowAnyException();
    }

    private void putRefusedAndThenAnother() throws IOException {
        int size = 4 << 20;
        try (Wire wire = new Wire(server.uri())) {
            String forged = "/containers/" + ID + "/00/000?api-version=1.0&sig=AAAA";
            Wire.Answer refused = wire.send(put(forged, size) + "x".repeat(size)).answer(true);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.header("x-ms-error-code")).isEqualTo("AuthenticationFailed");
            assertThat(wire.send(put(blob("00/000", "cr"), 5) + "Hello").answer(true).status())
                    .isEqualTo(201);
        }
    }

    @Test
    void bodyThatIsTooLargeIsReadBehindItsAnswer() {
        assertThatCode(this::sendTooMuchAndThenReadTheAnswer).doesNotThrowAnyException();
    }

    private void sendTooMuchAndThenReadTheAnswer() throws IOException {
        int size = 32 << 20; // More than the buffers of both sockets hold.
        String head = put("/buffers?api-version=1.0", size).replace("PUT", "POST");
        String type = "\r\nContent-Type: application/json\r\n\r\n";
        try (Wire wire = new Wire(server.uri())) {
            wire.send(head.replace("\r\n\r\n", type) + " ".repeat(size));
            Wire.Answer refused = wire.answer(true);
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.header("Connection")).isEqualTo("close");
        }
    }

    @Test
    void aBodyThatAsksForLeaveIsNotTakenToBeRefused() throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            String forged = "/containers/" + ID + "/00/000?api-version=1.0&sig=AAAA";
            String head =
                    put(forged, 1 << 20).replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
            Wire.Answer refused = wire.send(head).answer(true);
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.header("Connection")).isEqualTo("close");
        }
    }
}
