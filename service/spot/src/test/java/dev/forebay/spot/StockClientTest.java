package dev.forebay.spot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.datalog.Kind;
import dev.forebay.datalog.PageSummary;
import dev.forebay.datalog.Refusal;
import dev.forebay.datalog.SeriesSummary;
import dev.forebay.datalog.TimeRange;
import dev.forebay.identity.Users;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unmodified Spot SDK for Python against the services behind TLS. It comes as the package
 * {@code bosdyn-client}; without it these tests are skipped, unless {@code FOREBAY_REQUIRE_CLIENTS}
 * is set, as it is in CI.
 */
class StockClientTest {
    @TempDir Path folder;
    private Loopback loopback;

    @BeforeAll
    static void needClient() throws Exception {
        StockClient.need();
    }

    @BeforeEach
    void start() throws Exception {
        loopback = new Loopback(folder);
    }

    @AfterEach
    void stop() throws Exception {
        loopback.close();
    }

    private void run(String scenario) throws Exception {
        try (StockClient client = new StockClient(scenario, loopback.port, loopback.trust)) {
            client.awaitSuccess();
        }
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
        List<SeriesSummary> series =
                loopback.log.pages(TimeRange.ALL).stream()
                        .map(PageSummary::series)
                        .flatMap(List::stream)
                        .toList();
        assertThat(entries(series, Kind.TEXT)).isEqualTo(3);
        assertThat(entries(series, Kind.COMMENT)).isEqualTo(3);
        assertThat(entries(series, Kind.EVENT)).isEqualTo(3);
        assertThat(entries(series, Kind.SIGNAL)).isEqualTo(4);
        assertThat(entries(series, Kind.BLOB)).isEqualTo(5);
        assertThat(loopback.log.ledger().refused())
                .isEqualTo(Map.of(Refusal.Reason.INVALID, 3L, Refusal.Reason.UNKNOWN_SCHEMA, 1L));
        run("query");
        run("delete");
        assertThat(loopback.log.pages(TimeRange.ALL)).isEmpty();
    }

    private static long entries(List<SeriesSummary> series, Kind kind) {
        return series.stream()
                .filter(each -> each.key().kind() == kind)
                .mapToLong(SeriesSummary::entries)
                .sum();
    }

    @Test
    void loggingHandlerOfTheClientLosesNoMessage() throws Exception {
        run("logging_handler");
        assertThat(
                        entries(
                                loopback.log.pages(TimeRange.ALL).stream()
                                        .flatMap(page -> page.series().stream())
                                        .toList(),
                                Kind.TEXT))
                .isEqualTo(50);
    }

    @Test
    void expiredTokenIsRefusedUntilTheNextLogin() throws Exception {
        try (StockClient client = new StockClient("expired", loopback.port, loopback.trust)) {
            client.awaitLine("READY");
            loopback.clock.advance(Users.TOKEN_LIFETIME);
            client.say("expired");
            client.awaitSuccess();
        }
        assertThat(loopback.log.status().comments()).isEqualTo(2);
    }

    @Test
    void lockedOutUserIsTold() throws Exception {
        run("lockout");
    }

    @Test
    void largestMessageOfTheClientIsTakenAndLargerOnesAreRefused() throws Exception {
        run("large");
        assertThat(loopback.log.pages(TimeRange.ALL))
                .flatExtracting(PageSummary::series)
                .extracting(SeriesSummary::bytes)
                .containsExactly((100L << 20) - 1024);
    }

    @Test
    void malformedRequestsAndForeignTokensAreRefused() throws Exception {
        run("malformed");
        assertThat(loopback.log.pages(TimeRange.ALL)).isEmpty();
    }
}
