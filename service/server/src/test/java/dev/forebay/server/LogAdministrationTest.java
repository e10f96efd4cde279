package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogAdministrationTest {
    @TempDir Path directory;

    /** Almost nothing is left, and the log goes on in it. */
    @Test
    void allowanceOfARunningServerShrinksToAlmostNothing() throws Exception {
        Path data = directory.resolve("data");
        LogAdministration administration = LogAdministration.of(data);
        String megabyte = "x".repeat(1 << 20);
        try (LogServer log = new LogServer(data)) {
            for (int i = 0; i < 8; i++) {
                log.record(LogServer.blob("c", "t", i, megabyte));
            }
            assertThat(log.server.log().status().bytes()).isGreaterThan(8 << 20);
            administration.allowance(ByteSize.ofMiB(1));
            assertThat(log.server.log().status().bytes()).isLessThanOrEqualTo(1 << 20);
            log.record(LogServer.blob("c", "t", 9, "after"));
            assertThat(log.server.log().ledger().balances()).isTrue();
            assertThat(LogServer.payloads(log.get("/log/v1/download"))).containsExactly("after");
            assertThatThrownBy(() -> administration.allowance(ByteSize.of(1000)))
                    .hasMessageContaining("the allowance must be 1 MiB or more");
        }
    }

    @Test
    void withoutAServerTheMessageSaysWhereTheAllowanceIsSet() {
        LogAdministration administration = LogAdministration.of(directory);
        assertThatThrownBy(() -> administration.allowance(ByteSize.ofMiB(2)))
                .hasMessageContaining("no server runs on " + directory)
                .hasMessageContaining("--log-allowance SIZE");
    }
}
