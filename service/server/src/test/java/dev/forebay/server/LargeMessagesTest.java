package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.MemoryBudget;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.identity.Authority;
import dev.forebay.identity.Login;
import dev.forebay.identity.Users;
import dev.forebay.spot.Robot;
import dev.forebay.spot.SpotHandler;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.http.HttpFields;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls over gRPC whose messages do not fit the memory together: 12 MiB, three for each byte. */
class LargeMessagesTest {
    private static final String BLOBS = "/bosdyn.api.DataBufferService/RecordDataBlobs";
    private static final int MIB = 1 << 20;
    private static final ByteSize ROOM = ByteSize.ofMiB(12);
    private static final String NO_ROOM = "8";
    private static final String NO_USER = "16";

    /** Zeros are no message of the service, which is said after all of it was read. */
    private static final String NO_MESSAGE = "3";

    private static final MemoryBudget MEMORY = MemoryBudget.of(ROOM, "-Xmx");

    /** Of the calls alone: only a call that waits for memory waits on it. */
    private static final ManualClock CLOCK = new ManualClock();

    @TempDir private static Path directory;
    private static DataLog log;
    private static HttpListeners http;
    private static String token;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        Logging.toStandardError(ServerLog.DEFAULT);
        Disk disk = Disk.system();
        Authority authority = Tls.authority(directory);
        Users users = Users.open(disk, Clock.system(), directory.resolve("users"));
        users.add("operator", "a password for tests");
        token = ((Login.Granted) users.login("operator", "a password for tests", "here")).token();
        log =
                DataLog.open(
                        disk, Clock.system(), directory.resolve("log"), DataLogSettings.defaults());
        Listener listener =
                new Listener(
                        "127.0.0.1",
                        0,
                        Protocols.tls(authority.serverContext()),
                        Optional.empty(),
                        new HostRule("127.0.0.1", Optional.empty()),
                        false,
                        List.of(),
                        Optional.of(
                                new SpotHandler(
                                        log,
                                        users,
                                        new Robot("serial", "nick"),
                                        CLOCK,
                                        true,
                                        MEMORY,
                                        new CallCounts())));
        http =
                HttpListeners.start(
                        List.of(listener),
                        Duration.ofSeconds(30),
                        new FaultLog(CLOCK),
                        new RequestCounts());
        client = Tls.trusting(directory).client(HttpClient.Version.HTTP_2);
    }

    @AfterAll
    static void stop() throws IOException {
        client.shutdownNow();
        http.close();
        log.close();
    }

    private static RawHttp2 connect() throws Exception {
        return new RawHttp2(Tls.trusting(directory), http.uris().getFirst());
    }

    /** Begins a message that does not come. */
    private static int begin(RawHttp2 connection, int length) throws IOException {
        return begin(connection, token, length);
    }

    private static int begin(RawHttp2 connection, String bearer, int length) throws IOException {
        int stream =
                connection.post(
                        BLOBS,
                        Map.of(
                                "content-type",
                                "application/grpc",
                                "te",
                                "trailers",
                                "authorization",
                                "Bearer " + bearer));
        connection.data(stream, ByteBuffer.allocate(5).put((byte) 0).putInt(length).array());
        return stream;
    }

    private static CompletableFuture<HttpResponse<byte[]>> send(int length) {
        return send(client, length);
    }

    private static CompletableFuture<HttpResponse<byte[]>> send(HttpClient from, int length) {
        URI uri = http.uris().getFirst().resolve(BLOBS);
        byte[] body = ByteBuffer.allocate(5 + length).put((byte) 0).putInt(length).array();
        return from.sendAsync(
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/grpc")
                        .header("TE", "trailers")
                        .header("Authorization", "Bearer " + token)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static String status(CompletableFuture<HttpResponse<byte[]>> call) throws Exception {
        HttpResponse<byte[]> answer = call.get(2, TimeUnit.MINUTES);
        return answer.headers().firstValue("grpc-status").orElse("none");
    }

    private static void awaitClaimed(ByteSize expected) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!MEMORY.claimed().equals(expected)) {
            assertThat(System.nanoTime())
                    .as("claimed %s, expected %s", MEMORY.claimed(), expected)
                    .isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void messageWithoutRoomIsReadWhenAnotherIsGone() throws Exception {
        try (RawHttp2 holder = connect()) {
            int held = begin(holder, 3 * MIB);
            awaitClaimed(ByteSize.ofMiB(9));
            CompletableFuture<HttpResponse<byte[]>> second = send(2 * MIB);
            CLOCK.awaitWaiters(1);
            assertThat(second).isNotDone();
            assertThat(MEMORY.claimed()).isEqualTo(ByteSize.ofMiB(9));
            holder.cancel(held);
            assertThat(status(second)).isEqualTo(NO_MESSAGE);
        }
        awaitClaimed(ByteSize.of(0));
    }

    @Test
    void messageThatFindsNoRoomInTimeIsRefusedWithNumbers() throws Exception {
        try (RawHttp2 holder = connect();
                RawHttp2 second = connect()) {
            begin(holder, 4 * MIB);
            awaitClaimed(ROOM);
            int refused = begin(second, 2 * MIB);
            CLOCK.awaitWaiters(1);
            // What needs no room goes on, and strangers hear what is wrong.
            assertThat(status(send(0))).isIn("0", "none");
            try (RawHttp2 stranger = connect()) {
                HttpFields refusal = stranger.answer(begin(stranger, "None", 2 * MIB));
                assertThat(refusal.get("grpc-status")).isEqualTo(NO_USER);
            }
            // A second call of the same connection does not wait.
            HttpFields beside = second.answer(begin(second, MIB));
            assertThat(beside.get("grpc-status")).isEqualTo(NO_ROOM);
            assertThat(beside.get("grpc-message"))
                    .isEqualTo(
                            "not enough memory for a message of 1 MiB: it needs 3 MiB, other calls hold 12 MiB of 12 MiB, and one of this connection waits already; send one after the other");
            CLOCK.advance(Duration.ofSeconds(10));
            HttpFields answer = second.answer(refused);
            assertThat(answer.get("grpc-status")).isEqualTo(NO_ROOM);
            assertThat(answer.get("grpc-message"))
                    .startsWith("not enough memory for a message of 2 MiB: it needs 6 MiB, and of")
                    .contains("12 MiB")
                    .contains("raise -Xmx");
        }
    }

    @Test
    void messageLargerThanAllRoomIsRefusedAtOnce() throws Exception {
        try (RawHttp2 connection = connect()) {
            HttpFields answer = connection.answer(begin(connection, 5 * MIB));
            assertThat(answer.get("grpc-status")).isEqualTo(NO_ROOM);
            assertThat(answer.get("grpc-message"))
                    .contains("needs 15 MiB, and 12 MiB is all there is; raise -Xmx");
        }
    }

    @Test
    void messagesOfManyConnectionsAreTakenOneAfterAnother() throws Exception {
        List<HttpClient> clients = new ArrayList<>();
        List<CompletableFuture<HttpResponse<byte[]>>> calls = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                clients.add(Tls.trusting(directory).client(HttpClient.Version.HTTP_2));
                calls.add(send(clients.getLast(), 3 * MIB));
            }
            for (CompletableFuture<HttpResponse<byte[]>> call : calls) {
                assertThat(status(call)).isEqualTo(NO_MESSAGE);
            }
        } finally {
            clients.forEach(HttpClient::shutdownNow);
        }
        awaitClaimed(ByteSize.of(0));
    }

    /** The one that waits has its window full, and does not stop the other. */
    @Test
    void messagesOfOneConnectionAreTakenOneAfterTheOther() throws Exception {
        assertThat(status(send(0))).isIn("0", "none"); // Opens the connection.
        CompletableFuture<HttpResponse<byte[]>> first = send(4 * MIB);
        CompletableFuture<HttpResponse<byte[]>> second = send(4 * MIB);
        assertThat(status(first)).isEqualTo(NO_MESSAGE);
        assertThat(status(second)).isEqualTo(NO_MESSAGE);
    }
}
