package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The commands on runs against a server that has none: what goes over the wire is taken, and what
 * is wrong is said. {@code RunWireTest} has the searches that find something.
 */
final class RunCommandTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @Test
    void everyFilterIsTakenByTheServer() {
        String[] filters = {
            "--status", "Running || !(\"Failed\" && canceled)",
            "--status", "pending",
            "--tag", "a=1,b=,c",
            "--codespec", "x/versions/2",
            "--since", "15m",
            "--created-before", "2030-01-01T00:00:00+01:00",
            "--finished-after", "2020-01-01T00:00:00Z",
            "--finished-before", "0s"
        };
        assertThat(CLI.run(with("list", filters)).out()).isEqualTo("[]\n");
        assertThat(CLI.run(with("counts", filters)).json()).isEmpty();
        assertThat(CLI.run("run", "list", "--all").out()).isEqualTo("[]\n");
    }

    private static String[] with(String command, String... filters) {
        String[] words = new String[filters.length + 2];
        words[0] = "run";
        words[1] = command;
        System.arraycopy(filters, 0, words, 2, filters.length);
        return words;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "--status;Running |;expected && or ||, or the end at character 9",
                "--status;Runing;Invalid status: Runing, at character 1",
                "--status;Failed && 'Run;expected a quote that closes this one at character 11",
                "--codespec;x/version/2;'x/version/2' is not a codespec",
                "--codespec;X;'X' is not a codespec",
                "--since;yesterday;'yesterday' is not a time",
                "--finished-before;2026-01-01;'2026-01-01' is not a time",
                "--tag;a=1,a=2;gives the tag 'a' twice",
                "--limit;-1;--limit must be 0 or more"
            })
    void aWrongFilterIsSaidWithoutAServer(String option, String value, String said) {
        CLI.run("run", "list", option, value, "--server", "http://127.0.0.1:1")
                .failedWith(2, option, said);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "--codespec;Bad Name;expected NAME or NAME/versions/N",
                "--worker-codespec;x/versions/y;expected NAME or NAME/versions/N",
                "--version;0;expected 1 or more, found '0'",
                "--worker-version;-1;expected 1 or more, found '-1'",
                "--replicas;0;expected 1 or more, found '0'",
                "--worker-replicas;x;'x' is not a whole number",
                "--timeout;0;expected whole seconds, 1s or more, found '0'",
                "--timeout;1500ms;expected whole seconds, 1s or more, found '1500ms'"
            })
    void whatNoRunCanHaveIsSaidWithoutAServer(String option, String value, String said) {
        for (String command : new String[] {"create", "exec"}) {
            CLI.run("run", command, option, value, "--server", "http://127.0.0.1:1")
                    .failedWith(2, option, said);
        }
    }

    @Test
    void anUnknownRunIsSaidWithTheNextStep() {
        for (String command : new String[] {"show", "set", "cancel"}) {
            CLI.run("run", command, "12")
                    .failedWith(1, "the run 12 was not found", "forebay run list");
        }
        CLI.run("run", "show", "x").failedWith(2, "'x' is not a whole number");
    }

    @Test
    void aLogThatBreaksOffSaysHowToGoOn() throws IOException {
        try (ForeignServer server =
                ForeignServer.saying(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")) {
            Cli.Outcome broken = CLI.run("run", "logs", "1", "--server", server.url());
            assertThat(broken.data()).asString().isEqualTo("one\n");
            broken.failedWith(1, "the server broke the log off", "--since");
            CLI.run("run", "logs", "1", "--follow", "--server", server.url())
                    .failedWith(1, "expected a time before each line", "'one'");
        }
    }
}
