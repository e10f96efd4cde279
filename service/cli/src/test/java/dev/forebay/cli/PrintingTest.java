package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How commands print buffers. */
final class PrintingTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final String TIME = "20[0-9-]{8}T[0-9:]{8}Z";

    private static List<String> table(String... args) {
        return CLI.run(args).text().lines().map(String::stripTrailing).toList();
    }

    @Test
    void oneBufferIsATableOfOneLineWhateverIsDoneWithIt() {
        List<String> created = table("buffer", "create", "--tag", "a=b", "--format", "table");
        String id = created.getLast().substring(0, created.getLast().indexOf(' '));
        assertThat(created.getFirst()).matches("ID +CREATED +EXPIRES +TAGS");
        assertThat(created.getLast()).matches(id + "  " + TIME + "  never +a=b");
        assertThat(table("buffer", "show", id, "--format", "table")).isEqualTo(created);
        assertThat(table("buffer", "list", "--tag", "a=b", "--format", "table")).isEqualTo(created);
        assertThat(table("buffer", "set", id, "--tag", "c=d", "--ttl", "1", "--format", "TABLE"))
                .hasSize(2)
                .last()
                .asString()
                .matches(id + "  " + TIME + "  " + TIME + "  a=b,c=d");
        assertThat(table("buffer", "delete", id, "--format", "table").getLast()).startsWith(id);
        assertThat(table("buffer", "restore", id, "--format", "table").getLast()).startsWith(id);
    }

    @Test
    void severalThatWereDeletedAreATableOfAsManyLines() {
        String first = CLI.create();
        String second = CLI.create();
        List<String> deleted = table("buffer", "delete", first, second, "--format", "table");
        assertThat(deleted).hasSize(3);
        assertThat(deleted.get(1)).startsWith(first);
        assertThat(deleted.get(2)).startsWith(second);
    }

    @Test
    void jsonIsTheSameAsNothingSaid() {
        String id = CLI.create();
        assertThat(CLI.run("buffer", "show", id, "--format", "json").out())
                .isEqualTo(CLI.run("buffer", "show", id).out());
        assertThat(CLI.run("buffer", "create", "--format", "json").field("eTag")).isNotEmpty();
    }

    @Test
    void aFormatThatIsNoneOrOfNothingIsRefused() {
        CLI.run("buffer", "show", "x", "--format", "yaml")
                .failedWith(2, "'--format': expected json or table, found 'yaml'");
        CLI.run("buffer", "delete", "--all", "--force", "--format", "json")
                .failedWith(2, "--format goes with IDs");
    }

    @Test
    void listPrintsIdsAlone() {
        String first = CLI.create("--tag", "ids=only");
        String second = CLI.create("--tag", "ids=only");
        assertThat(CLI.run("buffer", "list", "--tag", "ids=only", "-q").out())
                .isEqualTo(second + "\n" + first + "\n");
        assertThat(CLI.run("buffer", "list", "--tag", "ids=none", "-q").out()).isEmpty();
        CLI.run("buffer", "list", "-q", "--format", "json").failedWith(2, "not both");
    }

    @Test
    void listsOfOtherThingsAreTablesToo() {
        CLI.run("codespec", "create", "tabular", "--image", "none", "--command", "--", "true")
                .text();
        assertThat(table("codespec", "list", "--format", "table"))
                .satisfiesExactly(
                        line -> assertThat(line).matches("NAME +VERSION +KIND +CREATEDAT +TAGS"),
                        line -> assertThat(line).matches("tabular +1 +job +20\\S+ .*"));
        assertThat(table("buffer", "storage-account", "list", "--format", "table"))
                .first()
                .asString()
                .matches("NAME +LOCATION +ENDPOINT");
        CLI.variables.put("FOREBAY_FORMAT", "table");
        try {
            assertThat(table("run", "list"))
                    .containsExactly("ID  STATUS  CREATEDAT  CODESPEC  TAGS");
            assertThat(table("run", "counts")).containsExactly("KEY  VALUE");
            assertThat(CLI.run("run", "list", "--format", "json").array()).isEmpty();
        } finally {
            CLI.variables.remove("FOREBAY_FORMAT");
        }
        CLI.run("buffer", "list", "--tag", "=x").failedWith(2, "KEY=VALUE, or KEY for any value");
    }

    @Test
    void variableAndSettingsSayTheFormatThatIsNotGiven() throws IOException {
        String id = CLI.create();
        String json = CLI.run("buffer", "show", id).out();
        Path settings = CLI.directory().resolve("config/forebay/settings.json");
        Files.createDirectories(settings.getParent());
        try {
            Files.writeString(settings, "{\"format\": \"table\"}");
            assertThat(CLI.run("buffer", "show", id).out()).startsWith("ID  ");
            assertThat(CLI.run("buffer", "create").out()).hasLineCount(1);
            CLI.variables.put("FOREBAY_FORMAT", "JSON");
            assertThat(CLI.run("buffer", "show", id).out()).isEqualTo(json);
            CLI.variables.put("FOREBAY_FORMAT", "table");
            assertThat(CLI.run("buffer", "list").out()).startsWith("ID  ");
            assertThat(CLI.run("buffer", "show", id, "--format", "json").out()).isEqualTo(json);
            CLI.variables.put("FOREBAY_FORMAT", "xml");
            CLI.run("buffer", "show", id)
                    .failedWith(2, "FOREBAY_FORMAT: expected json or table, found 'xml'");
            CLI.variables.remove("FOREBAY_FORMAT");
            Files.writeString(settings, "{\"colour\": \"red\"}");
            CLI.run("buffer", "show", id)
                    .failedWith(2, settings + "': the key 'colour' is unknown; expected format");
            Files.writeString(settings, "format");
            CLI.run("buffer", "show", id).failedWith(2, settings + "' is not an object of JSON");
            Files.writeString(settings, "{");
            Cli.Outcome cut = CLI.run("buffer", "show", id);
            cut.failedWith(2, settings + "' is not an object of JSON: Unexpected end-of-input");
            assertThat(cut.err()).doesNotContain("start marker", "REDACTED");
        } finally {
            CLI.variables.remove("FOREBAY_FORMAT");
            Files.delete(settings);
        }
    }
}
