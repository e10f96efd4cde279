package dev.forebay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands on the catalogue: one buffer at a time, and counting. */
final class CatalogueTest {
    @RegisterExtension static final Cli CLI = new Cli();

    private static final String UNKNOWN = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static Object tags(String id) {
        Object tags = CLI.run("buffer", "show", id).json().get("tags");
        return tags == null ? Map.of() : tags;
    }

    @Test
    void createPrintsTheIdAndNothingElse() {
        Cli.Outcome outcome = CLI.run("buffer", "create", "--tag", "a=b", "--tag", "c=d,e=");
        assertThat(outcome.out()).matches("[a-z2-7]{26}\n");
        assertThat(outcome.err()).isEmpty();
        assertThat(tags(outcome.text())).isEqualTo(Map.of("a", "b", "c", "d", "e", ""));
    }

    @Test
    void createPrintsAllOfItIfAsked() {
        Cli.Outcome outcome = CLI.run("buffer", "create", "--full-resource", "--location", "local");
        assertThat(outcome.json().get("eTag")).isNotNull();
        assertThat(outcome.out()).contains("\n  \"id\"");
        assertThat(CLI.run("buffer", "show", outcome.field("id")).json()).isEqualTo(outcome.json());
    }

    @Test
    void aLifetimeCountsFromNow() {
        Instant before = Instant.now();
        Map<?, ?> buffer =
                CLI.run("buffer", "create", "--full-resource", "--ttl", "2.12:30:30").json();
        Duration lifetime = Duration.ofDays(2).plusHours(12).plusMinutes(30).plusSeconds(30);
        assertThat(OffsetDateTime.parse((String) buffer.get("expiresAt")).toInstant())
                .isBetween(
                        before.plus(lifetime).minusMillis(1),
                        Instant.now().plus(lifetime).plusMillis(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--ttl;1x;expected D, D.HH, D.HH:MM or D.HH:MM:SS;2",
                "--ttl;99999999;year 9999;2",
                "--tag;novalue;KEY=VALUE;2",
                "--tag;a=1,a=2;--tag gives the tag 'a' twice, as '1' and as '2';2",
                "--tag;b@d=x;Tag keys must contain up to 128;2",
                "--tag;k=b d;Tag values can contain up to 256;2",
                "--tag;=x;expected KEY=VALUE;2",
                "--location;mars;this server has 'local' only;1",
                "--server;ftp://somewhere;expected http://HOST:PORT;2",
                "--server;http://;expected http://HOST:PORT;2",
                "--server;not a url;expected http://HOST:PORT;2",
            })
    void whatIsWrongCreatesNothing(String option, String value, String expected, int code) {
        long before = CLI.count();
        CLI.run("buffer", "create", option, value).failedWith(code, expected);
        assertThat(CLI.count()).isEqualTo(before);
    }

    @Test
    void aHundredTagsAreEnough() {
        String[] args = new String[2 + 101];
        args[0] = "buffer";
        args[1] = "create";
        for (int i = 0; i < 101; i++) {
            args[2 + i] = "--tag=k" + i + "=v";
        }
        CLI.run(args).failedWith(2, "No more than 100 tags");
    }

    @Test
    void setLaysTagsOverThoseThere() {
        String id = CLI.create("--tag", "a=1", "--tag", "b=1");
        Map<?, ?> after = CLI.run("buffer", "set", id, "--tag", "b=2", "--tag", "c=2").json();
        assertThat(after.get("tags")).isEqualTo(Map.of("a", "1", "b", "2", "c", "2"));
        assertThat(CLI.run("buffer", "show", id).json()).isEqualTo(after);
    }

    @Test
    void setWithClearReplacesThem() {
        String id = CLI.create("--tag", "a=1", "--tag", "b=1");
        CLI.run("buffer", "set", id, "--clear-tags", "--tag", "c=2").text();
        assertThat(tags(id)).isEqualTo(Map.of("c", "2"));
        CLI.run("buffer", "set", id, "--clear-tags").text();
        assertThat(tags(id)).isEqualTo(Map.of());
    }

    @Test
    void setOfALifetimeKeepsTheTagsAndOfTagsTheLifetime() {
        String id = CLI.create("--tag", "a=1");
        Object expiry = CLI.run("buffer", "set", id, "--ttl", "1").json().get("expiresAt");
        assertThat(tags(id)).isEqualTo(Map.of("a", "1"));
        assertThat(CLI.run("buffer", "set", id, "--tag", "b=2").json().get("expiresAt"))
                .isEqualTo(expiry);
    }

    @Test
    void setTakesTheVersionItIsToldAndNoOther() {
        String id = CLI.create("--tag", "a=1");
        String first = CLI.run("buffer", "show", id).field("eTag");
        CLI.run("buffer", "set", id, "--tag", "b=2", "--etag", first).text();
        CLI.run("buffer", "set", id, "--tag", "c=3", "--etag", first)
                .failedWith(1, "ETag does not match the provided ETag", "forebay buffer show");
        CLI.run("buffer", "set", id, "--clear-tags", "--etag", first)
                .failedWith(1, "ETag does not match", "forebay buffer show");
        assertThat(tags(id)).isEqualTo(Map.of("a", "1", "b", "2"));
        String second = CLI.run("buffer", "show", id).field("eTag");
        CLI.run("buffer", "set", id, "--clear-tags", "--etag", second).text();
        assertThat(tags(id)).isEqualTo(Map.of());
    }

    @Test
    void aWrongSetChangesNothing() {
        String id = CLI.create("--tag", "a=1");
        Object before = CLI.run("buffer", "show", id).json();
        CLI.run("buffer", "set", id, "--tag", "b@d=1").failedWith(2, "Tag keys must contain");
        CLI.run("buffer", "set", id, "--tag", "b=1", "--ttl", "1x").failedWith(2, "expected D");
        assertThat(CLI.run("buffer", "show", id).json()).isEqualTo(before);
    }

    private static String[] withArguments(String command, String... arguments) {
        String[] words = ("buffer " + command).split(" ", -1);
        return Stream.concat(Stream.of(words), Stream.of(arguments)).toArray(String[]::new);
    }

    @Test
    void setWithoutAChangeSaysWhatCanBeChangedAndDoesNothing() {
        String id = CLI.create("--tag", "a=1");
        String before = CLI.run("buffer", "show", id).field("eTag");
        String[] options = {"--tag", "--clear-tags", "--ttl"};
        CLI.run("buffer", "set", id).failedWith(2, options);
        CLI.run("buffer", "set", id, "--etag", before).failedWith(2, options);
        CLI.run("buffer", "set", id, "--soft-deleted").failedWith(2, options);
        assertThat(CLI.run("buffer", "show", id).field("eTag")).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "show",
        "set --clear-tags",
        "access",
        "delete",
        "restore",
        "purge",
        "read",
        "write"
    })
    void anUnknownBufferIsSaidAtOnceWithTheNextStep(String command) {
        CLI.run(withArguments(command, UNKNOWN))
                .failedWith(1, "the buffer '" + UNKNOWN + "' was not found", "forebay buffer list");
    }

    @ParameterizedTest
    @CsvSource({
        "show",
        "set --clear-tags",
        "access",
        "delete",
        "restore",
        "purge",
        "read",
        "write"
    })
    void whatIsNoIdIsSaidWithoutAskingTheServer(String command) {
        CLI.run(withArguments(command, "no-such/thing", "--server", "http://127.0.0.1:9"))
                .failedWith(2, "'no-such/thing' is n", "buffer ID");
    }

    @Test
    void aDeletedBufferIsShownOnlyAsSuch() {
        String id = CLI.create();
        CLI.run("buffer", "delete", id).text();
        CLI.run("buffer", "show", id).failedWith(1, "was not found", "--soft-deleted");
        assertThat(CLI.run("buffer", "show", id, "--soft-deleted").json().get("isSoftDeleted"))
                .isEqualTo(true);
        CLI.run("buffer", "set", id, "--ttl", "1").failedWith(1, "was not found");
        CLI.run("buffer", "set", id, "--ttl", "1", "--soft-deleted").text();
    }

    @Test
    void countTakesTheSameFiltersAsList() {
        CLI.create("--tag", "kind=x", "--tag", "n=1");
        CLI.create("--tag", "kind=x", "--tag", "n=2");
        String deleted = CLI.create("--tag", "kind=x", "--tag", "n=3");
        CLI.run("buffer", "delete", deleted).text();
        assertThat(CLI.run("buffer", "count", "--tag", "kind=x").out()).isEqualTo("2\n");
        assertThat(CLI.run("buffer", "count", "--tag", "kind=x,n=1").text()).isEqualTo("1");
        assertThat(CLI.run("buffer", "count", "--tag", "kind=x", "--exclude-tag", "n=1").text())
                .isEqualTo("1");
        assertThat(CLI.run("buffer", "count", "--tag", "kind=x", "--soft-deleted").text())
                .isEqualTo("1");
        assertThat(CLI.run("buffer", "count", "--tag", "unheard=of").text()).isEqualTo("0");
        assertThat(CLI.run("buffer", "count", "--tag", "kind=x,n").text()).isEqualTo("2");
        assertThat(CLI.run("buffer", "count", "--tag", "kind=x,unheard").text()).isEqualTo("0");
        String past = "2020-01-31T10:00:00Z";
        assertThat(CLI.run("buffer", "count", "--tag", "kind", "--created-after", past).text())
                .isEqualTo("2");
        assertThat(CLI.run("buffer", "count", "--tag", "kind", "--created-before", past).text())
                .isEqualTo("0");
        CLI.run("buffer", "list", "--tag", "a b").failedWith(2, "'a b' is not the key of a tag");
    }

    @Test
    void accessIsForReadingUnlessAskedForMore() {
        String id = CLI.create();
        String read = CLI.run("buffer", "access", id).text();
        assertThat(read).startsWith(CLI.url() + "/containers/" + id + "?");
        CLI.runWith(new byte[1], "buffer", "write", read)
                .failedWith(1, "the access url does not allow write access");
        String write = CLI.run("buffer", "access", "-w", id).text();
        assertThat(CLI.runWith(new byte[1], "buffer", "write", write).code()).isZero();
        assertThat(CLI.run("buffer", "read", read).data()).hasSize(1);
    }
}
