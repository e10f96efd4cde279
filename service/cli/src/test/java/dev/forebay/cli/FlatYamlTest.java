package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings in YAML, and a login by them. */
final class FlatYamlTest {
    @RegisterExtension static final Cli CLI = new Cli();

    @TempDir private Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("settings.yaml"), text);
    }

    @Test
    void scalarsListsQuotesAndCommentsAreRead() throws IOException {
        Path file =
                file(
                        """
                        ---
                        # All of it.
                        port: 7720   # where
                        name: 'it''s # no comment'
                        path: "/a b/c"
                        url: http://host:80/#x
                        flow: [a, 'b c']
                        block:
                          - one
                          - "two"
                        none: []
                        """);
        Map<String, FlatYaml.Entry> read = FlatYaml.read(file);
        assertThat(read.get("port")).isEqualTo(new FlatYaml.Entry(3, List.of("7720")));
        assertThat(values(read, "name")).containsExactly("it's # no comment");
        assertThat(values(read, "path")).containsExactly("/a b/c");
        assertThat(values(read, "url")).containsExactly("http://host:80/#x");
        assertThat(values(read, "flow")).containsExactly("a", "b c");
        assertThat(read.get("block")).isEqualTo(new FlatYaml.Entry(8, List.of("one", "two")));
        assertThat(values(read, "none")).isEmpty();
    }

    private static List<String> values(Map<String, FlatYaml.Entry> read, String key) {
        return read.getOrDefault(key, new FlatYaml.Entry(0, List.of("missing"))).values();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "a: 1|b;:2: expected KEY: VALUE, found 'b'",
                "a: 1|a: 2;:2: the key 'a' is there twice",
                "a: 1|- b;:2: expected KEY: VALUE",
                "|a: {b: c};:2: expected a plain or quoted value",
                "a:|  b: c;:2: expected KEY: VALUE, found 'b: c' behind blanks or a tab",
                "`\ta: 1`;:1: expected KEY: VALUE, found 'a: 1' behind blanks or a tab",
                "a: [b;:1: expected a list on one line",
                "a: 'b;:1: expected a plain or quoted value",
                "a: *b;:1: expected a plain or quoted value",
            })
    void whatIsNoFlatMappingIsRefusedByItsLine(String text, String said) throws IOException {
        Path file = file(text.replace('|', '\n'));
        assertThatThrownBy(() -> FlatYaml.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file + said);
    }

    @Test
    void whatIsNoFileOfSettingsIsSaid() throws IOException {
        Path none = directory.resolve("none.yaml");
        assertThatThrownBy(() -> FlatYaml.read(none))
                .hasMessage("there is no file of settings '%s'", none);
        assertThatThrownBy(() -> FlatYaml.read(directory))
                .hasMessageContaining("'%s' is a folder", directory);
        Path latin1 =
                Files.write(directory.resolve("a.yaml"), new byte[] {'a', ':', ' ', (byte) 0xfc});
        assertThatThrownBy(() -> FlatYaml.read(latin1))
                .hasMessageContaining("'%s' has bytes that are not UTF-8", latin1);
    }

    @Test
    void loginTakesItsSettingsFromAFile() throws IOException {
        CLI.run("login", "-f", file("serverUrl: " + CLI.url() + "\n").toString()).text();
        try {
            assertThat(CLI.run("login", "status").out()).contains(CLI.url());
        } finally {
            CLI.run("logout").text();
        }
        CLI.run("login", "-f", file("proxi: auto\n").toString())
                .failedWith(2, "settings.yaml:1: the key 'proxi' is unknown");
        CLI.run("login", "-f", file("\ngithub: true\n").toString())
                .failedWith(2, "settings.yaml:2: the key 'github' is about a sign-in");
        CLI.run("login", "-f", file("serverUrl: here\n").toString())
                .failedWith(2, "settings.yaml:1: 'here' is not a server");
        CLI.run("login", "-f", file("# nothing\n").toString())
                .failedWith(2, "has no key 'serverUrl'");
        CLI.run("login", CLI.url(), "-f", "x").failedWith(2, "not both");
    }

    @Test
    void storageAccountsAreListed() {
        assertThat(CLI.run("buffer", "storage-account", "list").array()).hasSize(1);
        assertThat(CLI.run("buffer", "storage-account", "list", "--format", "table").out())
                .startsWith("NAME ")
                .contains("local", CLI.url());
    }
}
