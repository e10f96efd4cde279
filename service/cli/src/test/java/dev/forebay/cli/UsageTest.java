package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the program does with what it is told, whatever the command. */
final class UsageTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "bufer;Did you mean: forebay buffer?",
                "buffer lst;Did you mean: forebay buffer list?",
                "run lst;Did you mean: forebay run list?",
                "run lsit;Did you mean: forebay run list?",
                "run ls;or forebay run list?",
                "log evnts;Did you mean: forebay log events?",
                "read x;Did you mean: forebay buffer read?",
                "list;Did you mean: forebay buffer list or forebay codespec list or",
                "xyz;Try 'forebay --help' for more.",
                "buffer list --limt 3;unknown option '--limt'",
                "buffer list --limt 3;Did you mean: --limit?",
                "buffer create --locaton=x;Did you mean: --location?",
            })
    void aMistypedWordIsAnsweredWithTheOnesThatMayBeMeant(String line, String suggestion) {
        CLI.run(line.split(" ")).failedWith(2, suggestion);
    }

    @Test
    void aRehearsalThatFailsSaysSoOnce() {
        Cli.Outcome outcome = CLI.run("warm-up", "--server", "http://127.0.0.1:9");
        outcome.failedWith(1, "127.0.0.1:9");
        assertThat(outcome.err()).containsOnlyOnce("Error: ");
        CLI.run("warm-up", "--server", "http://127.0.0.1:0").failedWith(2, "is not a server");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "buffer show;Missing required parameter: 'ID';forebay buffer show --help",
                "buffer read;Missing required parameter: 'BUFFER';forebay buffer read --help",
                "buffer show a b;Error: unexpected argument 'b';forebay buffer show --help",
                "buffer count a b;Error: unexpected arguments 'a', 'b';forebay buffer count --help",
                "help nothing;unknown command 'nothing';forebay",
                "buffer nothing help;unknown command 'nothing';forebay buffer --help",
                "buffer gen much;Error: Invalid value for SIZE: 'much';forebay buffer gen --help",
                "buffer list --tag =a;Invalid value for option '--tag': '=a' is not a tag;forebay buffer list --help",
                "login status --format xml;option '--format': expected text or json, found 'xml';forebay login status --help",
                "journal dump x --format xml;expected json or raw, found 'xml';forebay journal dump --help",
                "buffer list --since yesterday;option '--since': 'yesterday' is not a time;forebay buffer list --help",
                "buffer list --created-after=now;option '--created-after': 'now' is not;forebay buffer list --help",
                "codespec create x --image i --env A;Error: Invalid value for option '--env': expected KEY=VALUE, found 'A';forebay codespec create --help",
                "help buffer nothing;unknown command 'nothing';forebay buffer --help",
                "buffer set x --tag =a;'=a' is not a tag;forebay buffer set --help",
                "buffer list --limit 0.5;'0.5' is not a whole number;forebay buffer list --help",
                "journal dump . --from x;'x' is not a whole number;forebay journal dump --help",
                "login;Missing required parameter: 'SERVER_URL';forebay login --help",
                "serve --log-allowance much;'much';forebay serve --help",
                "serve --log-allowance 1K;must be 1 MiB or more;Error:",
                "buffer create --ttl;Missing required parameter for option '--ttl';forebay buffer create --help",
            })
    void aWrongUseSaysWhatIsMissingAndWhereToLook(String line, String missing, String help) {
        CLI.run(line.split(" ")).failedWith(2, missing, help);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';--help",
                "help;--help",
                "buffer;buffer --help",
                "buffer help;buffer --help",
                "help buffer;buffer --help",
                "help buffer list;buffer list --help",
                "help help;--help",
                "help buffer list --all;buffer list --help",
                "help serve --port 0;serve --help",
                "help login here;login --help",
                "log;log --help",
                "journal;journal --help",
                "user help;user --help",
                "login help;login --help",
            })
    void helpIsGivenOnStandardOutputHoweverItIsAskedFor(String line, String option) {
        String[] words = line.isEmpty() ? new String[0] : line.split(" ");
        Cli.Outcome help = CLI.run(words);
        assertThat(help.text()).startsWith("Usage: forebay");
        assertThat(help.out()).isEqualTo(CLI.run(option.split(" ")).out());
        assertThat(help.err()).isEmpty();
    }

    @Test
    void commandBehindTheWordHelpIsNotExecuted() {
        String id = CLI.create();
        Cli.Outcome help = CLI.run("help", "buffer", "delete", id);
        assertThat(CLI.run("buffer", "show", id).text()).contains(id);
        assertThat(help.text()).startsWith("Usage: forebay buffer delete");
    }

    @Test
    void wordHelpIsAnArgumentOfCommandsThatTakeOne() {
        CLI.run("buffer", "show", "help").failedWith(1, "'help' was not found");
    }

    @Test
    void serverIsTheSameInUpperCase() {
        String upper = CLI.url().toUpperCase(Locale.ROOT);
        CLI.run("buffer", "count", "--server", upper).text();
        String url = CLI.run("buffer", "access", CLI.create(), "-w").text();
        String path = url.substring(CLI.url().length());
        CLI.run("buffer", "write", upper + path).text();
    }

    @Test
    void nameWithLineBreaksMakesNoSecondLine() {
        Cli.Outcome outcome = CLI.run("buffer", "gen", "1", "-o", "no\nsuch/file");
        outcome.failedWith(1, "no\\nsuch/file");
        assertThat(outcome.err()).hasLineCount(1);
        assertThat(CLI.run("buffer", "gen", "1\n2").err()).contains("'1\\n2'").hasLineCount(2);
    }

    @Test
    void emptyRecordingIsRefusedByTheDemo() {
        CLI.run("demo", "--file", "/dev/null").failedWith(2, "'/dev/null' is empty");
    }

    @Test
    void transferSettingsThatAreAFolderAreNamed() throws IOException {
        Path folder = CLI.directory().resolve("config/forebay/transfer.json");
        Files.createDirectories(folder);
        try {
            CLI.run("buffer", "write", "abc").failedWith(2, "'" + folder + "' is not a file");
        } finally {
            Files.delete(folder);
        }
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        Cli.Outcome help = CLI.run("--help");
        assertThat(help.text()).startsWith("Usage: forebay");
        assertThat(help.err()).isEmpty();
        assertThat(CLI.run("version").out()).startsWith("forebay ");
        assertThat(CLI.run("--version").out()).isEqualTo(CLI.run("version").out());
        assertThat(CLI.run("buffer", "list", "--version").out()).startsWith("forebay ");
        assertThat(CLI.run("buffers", "list", "--help").text()).contains("newest first");
    }

    @Test
    void aLoginIsRememberedAndForgotten() throws IOException {
        String server = CLI.variables.remove("FOREBAY_SERVER");
        try {
            CLI.run("login", "status").failedWith(1, "forebay login URL");
            assertThat(CLI.run("login", CLI.url() + "//").text()).isEmpty();
            assertThat(CLI.run("login", "status").out())
                    .isEqualTo("You are logged in to " + CLI.url() + "\n");
            Map<?, ?> status = CLI.run("login", "status", "--format", "json").json();
            assertThat(status.get("serverUrl")).isEqualTo(CLI.url());
            assertThat(status.get("metadata"))
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsEntry("apiVersions", List.of("1.0"));
            CLI.run("buffer", "create").text();
            Path file = CLI.directory().resolve("cache").resolve("forebay").resolve("login");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            CLI.run("login", "http://127.0.0.1:9")
                    .failedWith(1, "does not appear to point to a valid server");
            for (String none :
                    List.of(
                            "somewhere",
                            "http://h:99999",
                            "http://me@h",
                            "http://h?q",
                            "http://h#f")) {
                CLI.run("login", none).failedWith(2, none, "expected http://HOST:PORT");
            }
            CLI.run("buffer", "count").text();
            CLI.run("logout").text();
            CLI.run("login", "status").failedWith(1, "forebay login URL");
            CLI.run("buffer", "create").failedWith(1, "not logged in", "FOREBAY_SERVER");
        } finally {
            CLI.variables.put("FOREBAY_SERVER", server);
        }
    }

    @Test
    void theFlagBeatsTheVariableAndTheVariableTheLogin() {
        CLI.run("login", CLI.url()).text();
        String server = CLI.variables.put("FOREBAY_SERVER", "http://127.0.0.1:9");
        try {
            CLI.run("buffer", "count").failedWith(1, "http://127.0.0.1:9 does not answer");
            CLI.run("buffer", "count", "--server", CLI.url()).text();
            CLI.variables.put("FOREBAY_SERVER", " ");
            CLI.run("buffer", "count").text();
        } finally {
            CLI.variables.put("FOREBAY_SERVER", server);
            CLI.run("logout").text();
        }
    }

    @Test
    void aWrongServerIsSaidWithTheNameOfWhereItWasSaid() throws IOException {
        CLI.run("buffer", "count", "--server", "here").failedWith(2, "--server: 'here'");
        CLI.run("login", "here").failedWith(2, "SERVER_URL: 'here'");
        String server = CLI.variables.put("FOREBAY_SERVER", "here");
        Path file = CLI.directory().resolve("cache").resolve("forebay").resolve("login");
        try {
            CLI.run("buffer", "count").failedWith(2, "FOREBAY_SERVER: 'here'");
            CLI.variables.remove("FOREBAY_SERVER");
            Files.createDirectories(file.getParent());
            Files.writeString(file, "here\n");
            CLI.run("buffer", "count").failedWith(2, file + ": 'here'");
            CLI.run("logout").text();
        } finally {
            CLI.variables.put("FOREBAY_SERVER", server);
        }
    }

    @Test
    void aFolderThatIsNoAbsolutePathIsIgnored() {
        String folder = CLI.variables.put("XDG_CACHE_HOME", "relative");
        String home = System.setProperty("user.home", CLI.directory().toString());
        try {
            CLI.run("login", CLI.url()).text();
            assertThat(CLI.directory().resolve(".cache/forebay/login")).hasContent(CLI.url());
            assertThat(Path.of("relative")).doesNotExist();
        } finally {
            System.setProperty("user.home", home);
            CLI.variables.put("XDG_CACHE_HOME", folder);
        }
    }

    @Test
    void homeVariableBeatsTheListOfUsersAndIsMissedOnlyWhereItIsNeeded() throws IOException {
        Map<String, String> before = Map.copyOf(CLI.variables);
        String home = System.setProperty("user.home", "?"); // As for a user without an entry.
        CLI.variables.keySet().removeIf(name -> name.startsWith("XDG_"));
        try {
            String id = CLI.create();
            CLI.run("buffer", "write", id).text();
            CLI.run("buffer", "list").text();
            CLI.run("login", CLI.url())
                    .failedWith(2, "the home directory is not known; set HOME or XDG_CACHE_HOME");
            Path own = CLI.directory().resolve("own");
            CLI.variables.put("HOME", own.toString());
            System.setProperty("user.home", "/nonexistent");
            CLI.run("login", CLI.url()).text();
            assertThat(own.resolve(".cache/forebay/login")).exists();
        } finally {
            System.setProperty("user.home", home);
            CLI.variables.clear();
            CLI.variables.putAll(before);
        }
    }

    @Test
    void whatIsPrintedAsJsonIsJson() {
        String id = CLI.create("--tag", "a=b");
        String shown = CLI.run("buffer", "show", id).out();
        assertThat(Json.read(shown.getBytes(StandardCharsets.UTF_8), Map.class).get("id"))
                .isEqualTo(id);
        assertThat(shown).startsWith("{\n  \"").endsWith("}\n");
    }

    @Test
    void helpHasColoursOnlyWhereTheTerminalAndTheUserWantThem() {
        System.setProperty("picocli.ansi", "true"); // As on a terminal.
        try {
            assertThat(CLI.run("--help").out()).contains("\033[");
            CLI.variables.put("TERM", "dumb");
            assertThat(CLI.run("--help").out()).doesNotContain("\033");
            CLI.variables.put("TERM", "xterm");
            CLI.variables.put("NO_COLOR", "1");
            assertThat(CLI.run("buffer", "list", "--help").out()).doesNotContain("\033");
        } finally {
            System.clearProperty("picocli.ansi");
            CLI.variables.remove("TERM");
            CLI.variables.remove("NO_COLOR");
        }
    }
}
