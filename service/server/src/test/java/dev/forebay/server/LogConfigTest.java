package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Durability;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.Loss;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code serve --log-...} decides. */
class LogConfigTest {
    @TempDir Path data;

    @Test
    void logKeepsItsAllowanceAndAnswersWithTheStatusThatWasChosen() throws Exception {
        LogConfig config = new LogConfig(ByteSize.ofMiB(1), true);
        try (ForebayServer server = ForebayServer.start(ServerConfig.of(data, 0).withLog(config));
                HttpClient http = HttpClient.newHttpClient()) {
            DataLog log = server.log();
            for (int i = 0; i < 6; i++) {
                assertThat(
                                log.record(
                                                List.of(
                                                        LogServer.blob(
                                                                "c", "t", i, "x".repeat(400_000))),
                                                Durability.WRITTEN)
                                        .refusals())
                        .isEmpty();
            }
            assertThat(log.ledger().lost()).containsKey(Loss.EVICTED);
            server.users().add(LogServer.USER, LogServer.PASSWORD);
            String token =
                    server.users().login(LogServer.USER, LogServer.PASSWORD, "test")
                                    instanceof dev.forebay.identity.Login.Granted granted
                            ? granted.token()
                            : "";
            HttpRequest wrong =
                    HttpRequest.newBuilder(
                                    URI.create(server.uri() + "/v1/data-buffer/bddf/?from_sec=x"))
                            .header("Authorization", "Bearer " + token)
                            .build();
            HttpResponse<String> answer = http.send(wrong, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).startsWith("Bad Request");
        }
    }

    @Test
    void allowanceThatIsTooSmallIsRefused() {
        assertThatThrownBy(() -> new LogConfig(ByteSize.of(1000), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 MiB or more");
    }
}
