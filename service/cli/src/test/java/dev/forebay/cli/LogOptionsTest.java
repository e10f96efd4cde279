package dev.forebay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.wire.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Standard error as a log, and the report for a bug. */
final class LogOptionsTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @Test
    void levelsLeaveOutWhatIsBelowThem() {
        String id = CLI.create();
        Cli.Outcome warn = CLI.runWith(new byte[9], "buffer", "write", id, "--log-level", "warn");
        assertThat(warn.text()).isEmpty();
        assertThat(warn.err()).isEmpty();
        assertThat(CLI.run("--log-level=info", "buffer", "read", id).err()).contains("9 B read in");
        Cli.Outcome debug = CLI.run("buffer", "show", id, "--log-level", "DEBUG");
        assertThat(debug.field("id")).isEqualTo(id);
        assertThat(debug.err())
                .startsWith("Debug: GET " + CLI.url())
                .contains("status 200, request ");
        CLI.run("buffer", "show", "none", "--log-level", "error").failedWith(1, "was not found");
        CLI.run("buffer", "count", "--log-level", "loud")
                .failedWith(2, "expected trace, debug, info, warn or error, found 'loud'");
        CLI.run("buffer", "count", "--log-format", "xml")
                .failedWith(2, "expected pretty, plain, text or json, found 'xml'");
        assertThat(CLI.run("buffer", "count", "--log-format", "plain").code()).isZero();
    }

    @Test
    void jsonHasAnObjectALineWithTimeLevelAndMessage() {
        Cli.Outcome outcome = CLI.run("buffer", "show", "none", "--log-format", "json");
        assertThat(outcome.code()).isEqualTo(1);
        Map<?, ?> line = Json.read(outcome.err().getBytes(UTF_8), Map.class);
        assertThat(line.get("level")).isEqualTo("error");
        assertThat(String.valueOf(line.get("message")))
                .startsWith("the buffer 'none' was not found");
        assertThat(line.containsKey("time")).isTrue();
    }

    @Test
    void secretsAreRedactedAtEveryLevel() {
        assertThat(LogLines.redacted("GET http://h/c/x?sp=r&sig=ab%2Bc&se=1 and sig"))
                .isEqualTo("GET http://h/c/x?sp=r&sig=...&se=1 and sig");
        assertThat(LogLines.redacted("Authorization: Bearer abc.def")).doesNotContain("abc");
        String id = CLI.create();
        Cli.Outcome access = CLI.run("buffer", "access", id, "--log-level", "trace");
        assertThat(access.text()).contains("sig=");
        assertThat(access.err()).startsWith("Debug: POST ").doesNotContain("sig=");
        assertThat(
                        CLI.run("buffer", "read", id, "--access-ttl", "1x", "--log-level", "trace")
                                .err())
                .doesNotContain("sig=");
    }

    @Test
    void doctorSaysWhatABugReportNeeds() {
        Cli.Outcome doctor = CLI.run("doctor");
        assertThat(doctor.text())
                .contains(
                        "version   forebay ", "java      ", "config    ", "temporary ", " free of ")
                .contains("server    " + CLI.url(), "health    the server is healthy", "clock     ")
                .doesNotContain("problem");
        Cli.Outcome away = CLI.run("doctor", "--server", "http://127.0.0.1:9");
        assertThat(away.code()).isEqualTo(1);
        assertThat(away.out()).contains("problem   http://127.0.0.1:9 does not appear");
        Cli.Outcome wrong = CLI.run("doctor", "--server", "here");
        assertThat(wrong.code()).isEqualTo(1);
        assertThat(wrong.out()).contains("problem   --server: 'here' is not a server");
    }

    @Test
    void homeThatIsNotKnownIsNoProblem() {
        Map<String, String> before = Map.copyOf(CLI.variables);
        try {
            CLI.variables.put("HOME", "nowhere"); // Not absolute, so not one.
            CLI.variables.keySet().removeIf(name -> name.startsWith("XDG_"));
            Cli.Outcome doctor = CLI.run("doctor");
            assertThat(doctor.text())
                    .contains(
                            "data      none: the home directory is not known; set HOME or XDG_DATA")
                    .contains("health    the server is healthy")
                    .doesNotContain("problem");
            CLI.variables.remove("FOREBAY_SERVER");
            assertThat(CLI.run("doctor").text())
                    .contains("server    none: no login is known; give --server URL")
                    .doesNotContain("problem");
        } finally {
            CLI.variables.putAll(before);
            CLI.variables.keySet().retainAll(before.keySet());
        }
    }
}
