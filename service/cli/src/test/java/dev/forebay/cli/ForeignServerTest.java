package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.client.BufferFilter;
import dev.forebay.client.ControlPlaneException;
import dev.forebay.client.ForebayClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands say when something else answers than a Forebay server, or a hostile one. */
final class ForeignServerTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final String[][] COMMANDS = {
        {"buffer", "create"},
        {"buffer", "list"},
        {"buffer", "count"},
        {"buffer", "show", "abc"},
        {"buffer", "access", "abc"},
        {"buffer", "read", "abc"},
        {"buffer", "delete", "--all", "--force"},
        {"log", "status", "--user", "me", "--password-file", "/dev/null"},
        {"login"}
    };

    private static Cli.Outcome ask(ForeignServer server, String... command) {
        boolean login = command[0].equals("login");
        String[] args = new String[command.length + (login ? 1 : 2)];
        System.arraycopy(command, 0, args, 0, command.length);
        if (!login) {
            args[command.length] = "--server";
        }
        args[args.length - 1] = server.url();
        return CLI.run(args);
    }

    @ParameterizedTest
    @CsvSource({
        "200 OK,<html>Hello</html>,is not a Forebay server",
        "200 OK,[],is not a Forebay server",
        "200 OK,'',is not a Forebay server",
        "404 Not Found,not found,is it a Forebay server?",
        "302 Found,'',is it a Forebay server?",
        "500 Oops,{},is it a Forebay server?"
    })
    void httpServerOfAnotherKindIsNamedInOneLine(String status, String body, String said)
            throws IOException {
        try (ForeignServer server = ForeignServer.answering(status, body)) {
            for (String[] command : COMMANDS) {
                Cli.Outcome outcome = ask(server, command);
                outcome.failedWith(1, server.url(), said);
                assertThat(outcome.err()).hasLineCount(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSH-2.0-OpenSSH_9.2\r\n", "\u0015\u0003\u0001\0\u0002\u0002("})
    void serverOfAnotherProtocolOrOfTlsIsNamedInOneLine(String greeting) throws IOException {
        try (ForeignServer server = ForeignServer.saying(greeting)) {
            for (String[] command : COMMANDS) {
                Cli.Outcome outcome = ask(server, command);
                outcome.failedWith(
                        1, server.url(), "is it a Forebay server, and does it speak http on");
                assertThat(outcome.err()).hasLineCount(1);
            }
        }
    }

    /** Each is told at once: the time-out of the test is shorter than the retry time. */
    @ParameterizedTest
    @Timeout(60)
    @CsvSource(
            value = {
                "'SSH-2.0-OpenSSH_9.2\r\n' | expected a Forebay or Tyger server",
                "'\u0015\u0003\u0001\0\u0002\u0002(' | found one that speaks TLS; use https",
                "'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>' | is this an access URL?",
                "'HTTP/1.1 404 No\r\nContent-Length: 6\r\n\r\n<html>' | is this an access URL?",
                "'HTTP/1.1 501 No\r\nContent-Length: 6\r\n\r\n<html>' | is this an access URL?"
            },
            delimiter = '|')
    void accessUrlOfAnotherServerIsNamedAtOnce(String answer, String said) throws IOException {
        try (ForeignServer server = ForeignServer.saying(answer)) {
            String url = server.url() + "/containers/abc?sig=x";
            for (String command : List.of("read", "write")) {
                Cli.Outcome outcome = CLI.run("buffer", command, url);
                outcome.failedWith(1, said);
                assertThat(outcome.err()).hasLineCount(1).doesNotContain("sig=x");
            }
        }
    }

    @Test
    void serverWithoutTlsIsNamedWhenTlsIsAskedFor() throws IOException {
        try (ForeignServer server = ForeignServer.answering("200 OK", "{}")) {
            String https = server.url().replace("http:", "https:");
            CLI.run("buffer", "count", "--server", https).failedWith(1, "try " + server.url());
        }
    }

    @Test
    void silentServerIsGivenUpInTimeWithReason() throws IOException {
        try (ForeignServer server = ForeignServer.saying("")) {
            ForebayClient client =
                    new ForebayClient(
                            URI.create(server.url()), Duration.ofSeconds(5), Duration.ofSeconds(1));
            assertThatThrownBy(() -> client.count(BufferFilter.ALL))
                    .isInstanceOf(ControlPlaneException.class)
                    .hasMessageContaining("does not answer")
                    .hasMessageContaining("after 1 s; is it a Forebay server, and is it running?");
            assertThatThrownBy(() -> client.create(Map.of()))
                    .isInstanceOfSatisfying(
                            ControlPlaneException.class, e -> assertThat(e.mayRetry()).isTrue());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"json", "table"})
    void controlCharactersOfServerNeverReachTheTerminal(String format) throws IOException {
        String hostile =
                """
                {"items":[{"id":"a\\u001b[2J","createdAt":"2026-01-01T00:00:00Z",
                "tags":{"k\\u009b31m":"v\\r\\u0007\\u007f"}}]}\
                """;
        try (ForeignServer server = ForeignServer.answering("200 OK", hostile)) {
            Cli.Outcome listed = ask(server, "buffer", "list", "--format", format);
            assertThat(listed.code()).as(listed.err()).isZero();
            assertThat(withoutLines(listed.out())).noneMatch(Character::isISOControl);
            assertThat(listed.out().toLowerCase(Locale.ROOT))
                    .contains("\\u001b[2j", "\\u009b31m", "\\u0007\\u007f");
        }
    }

    @Test
    void controlCharactersOfRefusalNeverReachTheTerminal() throws IOException {
        String hostile = "{\"error\":{\"code\":\"\\u001b]0;x\\u0007\",\"message\":\"\\u009b2J\"}}";
        try (ForeignServer server = ForeignServer.answering("400 Bad", hostile)) {
            for (String[] command : COMMANDS) {
                Cli.Outcome outcome = ask(server, command);
                outcome.failedWith(
                        1,
                        command[0].equals("log")
                                ? "is it a Forebay server?"
                                : "\\u001b]0;x\\u0007: \\u009b2J");
                assertThat(withoutLines(outcome.err())).noneMatch(Character::isISOControl);
            }
        }
        String created = "{\"id\":\"\\u001b[2J\",\"uri\":\"\\u001b[2J\"}";
        try (ForeignServer server = ForeignServer.answering("201 Created", created)) {
            assertThat(ask(server, "buffer", "create").out()).isEqualTo("\\u001b[2J\n");
            ask(server, "buffer", "access", "abc").failedWith(1, "expected an access URL");
        }
    }

    private static Character[] withoutLines(String text) {
        return text.replace("\n", "").chars().mapToObj(c -> (char) c).toArray(Character[]::new);
    }
}
