package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.datalog.Kind;
import dev.forebay.datalog.Refusal;
import dev.forebay.datalog.SeriesSummary;
import dev.forebay.datalog.TimeRange;
import dev.forebay.identity.Users;
import dev.forebay.testkit.ManualClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unmodified Spot SDK for Python against a whole server with its own authority. It comes as the
 * package {@code bosdyn-client}; without it these tests are skipped, unless {@code
 * FOREBAY_REQUIRE_CLIENTS} is set, as it is in CI.
 */
class StockClientTest {
    private static final String USER = "operator";
    private static final String PASSWORD = "a password for tests";

    @TempDir Path folder;
    private Path data;

    private ForebayServer server;

    @BeforeAll
    static void needClient() throws Exception {
        StockClient.need();
    }

    @BeforeEach
    void start() throws Exception {
        data = folder.resolve("data");
        start(Clock.system());
        server.users().add(USER, PASSWORD);
    }

    private void start(Clock clock) throws Exception {
        server =
                ForebayServer.start(
                        ServerConfig.of(data, 0).withTls(TlsConfig.of(0)),
                        Disk.system(),
                        clock,
                        new ParkedRequests());
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private StockClient client(String scenario) throws Exception {
        return new StockClient(
                scenario,
                server.uris().getLast().getPort(),
                data.resolve("keys/authority.pem"),
                folder);
    }

    private void run(String scenario) throws Exception {
        try (StockClient client = client(scenario)) {
            assertThat(client.awaitSuccess()).endsWith("DONE " + scenario);
        }
    }

    /** What the log has of a kind, but for what it keeps of itself. */
    private List<SeriesSummary> series(Kind kind) {
        return server.log().pages(TimeRange.ALL, kind).stream()
                .flatMap(page -> page.series().stream())
                .filter(each -> each.key().kind() == kind)
                .filter(each -> !each.key().channel().startsWith("forebay:"))
                .toList();
    }

    private long entries(Kind kind) {
        return series(kind).stream().mapToLong(SeriesSummary::entries).sum();
    }

    @Test
    void clientLogsInAndFindsTheServices() throws Exception {
        run("bootstrap");
    }

    @Test
    void clientSynchronizesItsClock() throws Exception {
        run("time_sync");
    }

    @Test
    void clientRecordsAsksAndDeletes() throws Exception {
        run("record");
        assertThat(entries(Kind.TEXT)).isEqualTo(3);
        assertThat(entries(Kind.COMMENT)).isEqualTo(3);
        assertThat(entries(Kind.EVENT)).isEqualTo(3);
        assertThat(entries(Kind.SIGNAL)).isEqualTo(4);
        assertThat(entries(Kind.BLOB)).isEqualTo(5);
        assertThat(server.log().ledger().refused())
                .isEqualTo(Map.of(Refusal.Reason.INVALID, 3L, Refusal.Reason.UNKNOWN_SCHEMA, 1L));
        run("query");
        run("delete");
        assertThat(List.of(Kind.TEXT, Kind.COMMENT, Kind.EVENT, Kind.BLOB, Kind.SIGNAL))
                .allSatisfy(kind -> assertThat(series(kind)).isEmpty());
    }

    @Test
    void loggingHandlerOfTheClientLosesNoMessage() throws Exception {
        run("logging_handler");
        assertThat(entries(Kind.TEXT)).isEqualTo(50);
    }

    @Test
    void expiredTokenIsRefusedUntilTheNextLogin() throws Exception {
        server.close();
        ManualClock clock = new ManualClock(Instant.now()); // Clients check certificates by theirs.
        start(clock);
        try (StockClient client = client("expired")) {
            client.awaitLine("READY");
            clock.advance(Users.TOKEN_LIFETIME);
            client.say("expired");
            client.awaitSuccess();
        }
        assertThat(server.log().status().comments()).isEqualTo(2);
    }

    @Test
    void lockedOutUserIsTold() throws Exception {
        run("lockout");
    }

    @Test
    void largestMessageOfTheClientIsTakenAndLargerOnesAreRefused() throws Exception {
        run("large");
        assertThat(series(Kind.BLOB))
                .extracting(SeriesSummary::bytes)
                .containsExactly((100L << 20) - 1024);
    }

    @Test
    void largeMessageOfOneWhoHasNotLoggedInIsRefused() throws Exception {
        run("stranger");
    }

    @Test
    void malformedRequestsAndForeignTokensAreRefused() throws Exception {
        run("malformed");
        assertThat(series(Kind.BLOB)).isEmpty();
    }

    @Test
    void clientStoresListsAndDownloadsCaptures() throws Exception {
        run("captures");
    }

    @Test
    void quickStartOfTheDocumentsRecordsAndAsks() throws Exception {
        String page = Files.readString(Path.of("../../docs/coming-from-spot.md"));
        int start = page.indexOf("```python\n") + "```python\n".length();
        String program =
                page.substring(start, page.indexOf("```", start))
                        .replace("7443", String.valueOf(server.uris().getLast().getPort()))
                        .replace("correct horse", PASSWORD)
                        .replace("forebay.pem", data.resolve("keys/authority.pem").toString());
        Path script = Files.writeString(folder.resolve("quick.py"), program);
        try (StockClient client = new StockClient("quick start", List.of(script.toString()))) {
            assertThat(client.awaitSuccess()).endsWith("['the arm is warm']");
        }
        assertThat(series(Kind.BLOB))
                .extracting(each -> each.key().channel())
                .containsExactly("temperature");
    }
}
