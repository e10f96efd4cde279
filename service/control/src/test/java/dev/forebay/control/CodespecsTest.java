package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.control.ControlException.Kind;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.CodespecBody;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Codespecs on SQLite; {@link PostgresCodespecsTest} runs the same on PostgreSQL. */
class CodespecsTest {
    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private Database database;
    private Codespecs codespecs;

    Database openDatabase() throws IOException {
        return Database.sqlite(temp.resolve("catalog.db"));
    }

    @BeforeEach
    void open() throws IOException {
        database = openDatabase();
        codespecs = new Codespecs(database, clock);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static CodespecBody job(String more) {
        String json = "{\"kind\":\"job\",\"image\":\"busybox\"" + more + "}";
        return Json.read(json.getBytes(UTF_8), CodespecBody.class);
    }

    private @Nullable Integer create(String name, String more) {
        clock.advance(Duration.ofSeconds(1));
        return codespecs.create(name, job(more)).version();
    }

    private List<String> names(String prefix, Map<String, String> tags) {
        return codespecs
                .list(prefix, tags, Set.of(), TimeRange.ALL, 100, Optional.empty())
                .codespecs()
                .stream()
                .map(CodespecBody::name)
                .toList();
    }

    @Test
    void theSameContentKeepsItsVersionAndOtherContentGetsTheNext() {
        assertThat(create("x", ",\"env\":{\"A\":\"1\",\"B\":\"2\"}")).isEqualTo(1);
        CodespecBody first = codespecs.get("x");
        assertThat(create("x", ",\"env\":{\"B\":\"2\",\"A\":\"1\"},\"args\":[]")).isEqualTo(1);
        assertThat(codespecs.get("x")).isEqualTo(first);
        assertThat(create("x", ",\"env\":{\"B\":\"2\"}")).isEqualTo(2);
        assertThat(codespecs.get("x", 1)).isEqualTo(first);
        assertThat(create("y", ",\"env\":{\"B\":\"2\"}")).isEqualTo(1);
    }

    @Test
    void whatIsCreatedIsFoundAfterTheDatabaseWasOpenedAgain() throws IOException {
        CodespecBody made =
                codespecs.create("x", job(",\"resources\":{\"gpu\":1},\"args\":[\"\\u0000\"]"));
        codespecs.setTags("x", Optional.empty(), Map.of("a", "1"));
        close();
        open();
        assertThat(codespecs.get("x")).isEqualTo(made);
        assertThat(codespecs.get("x", 1)).isEqualTo(made);
        assertThat(codespecs.tags("x").tags()).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void tagsTakeNoPartInEqualityAndOutliveVersions() {
        create("x", "");
        codespecs.setTags("x", Optional.empty(), Map.of("a", "1"));
        CodespecTags tags = codespecs.tags("x");
        assertThat(create("x", "")).isEqualTo(1);
        assertThat(create("x", ",\"args\":[\"1\"]")).isEqualTo(2);
        assertThat(codespecs.tags("x")).isEqualTo(tags);
    }

    @Test
    void tagsSelectNamesAndTheVersionOfTagsIsCompared() {
        for (String name : List.of("a", "b", "c")) {
            create(name, "");
            codespecs.setTags(name, Optional.empty(), Map.of("all", "1", "name", name));
        }
        assertThat(names("", Map.of("all", "1"))).containsExactly("a", "b", "c");
        assertThat(names("", Map.of("all", "1", "name", "b"))).containsExactly("b");
        assertThat(names("a", Map.of("all", "1", "name", "b"))).isEmpty();
        assertThat(names("", Map.of("\u0000", "1"))).isEmpty();
        String before = codespecs.tags("a").eTag();
        codespecs.setTags("a", Optional.of(before), Map.of());
        assertThatThrownBy(() -> codespecs.setTags("a", Optional.of(before), Map.of("x", "y")))
                .hasMessage("ETag does not match");
        assertThat(codespecs.tags("a").tags()).isEmpty();
        assertThat(names("", Map.of("all", "1"))).containsExactly("b", "c");
    }

    @Test
    void keysOfTagsAndTheTimeOfTheLatestVersionSelectNames() {
        create("a", "");
        create("b", "");
        create("c", "");
        codespecs.setTags("a", Optional.empty(), Map.of("x", "1"));
        codespecs.setTags("c", Optional.empty(), Map.of("x", "2", "y", "1"));
        assertThat(names(Set.of("x"), TimeRange.ALL)).containsExactly("a", "c");
        assertThat(names(Set.of("x", "y"), TimeRange.ALL)).containsExactly("c");
        assertThat(names(Set.of("z"), TimeRange.ALL)).isEmpty();
        Optional<Instant> b = Optional.ofNullable(codespecs.get("b").createdAt());
        assertThat(names(Set.of(), new TimeRange(b, Optional.empty()))).containsExactly("c");
        assertThat(names(Set.of(), new TimeRange(Optional.empty(), b))).containsExactly("a");
        create("a", ",\"args\":[\"new\"]");
        assertThat(names(Set.of("x"), new TimeRange(b, Optional.empty())))
                .containsExactly("a", "c");
    }

    private List<String> names(Set<String> keys, TimeRange created) {
        return codespecs
                .list("", Map.of(), keys, created, 100, Optional.empty())
                .codespecs()
                .stream()
                .map(CodespecBody::name)
                .toList();
    }

    @Test
    void pagesGoThroughAllNamesInTheOrderOfTheirBytes() {
        List<String> made = List.of("-", "-a", ".", "0", "9", "_", "a", "a-b", "a.b", "a_b", "ab");
        made.reversed().forEach(name -> create(name, ""));
        List<String> seen = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            CodespecPage page = codespecs.list("", Map.of(), Set.of(), TimeRange.ALL, 3, next);
            page.codespecs().forEach(each -> seen.add(each.name()));
            next = page.continuation();
        } while (next.isPresent());
        assertThat(seen).isEqualTo(made);
        assertThat(names("a_", Map.of())).containsExactly("a_b");
        assertThat(names("a", Map.of())).containsExactly("a", "a-b", "a.b", "a_b", "ab");
    }

    @Test
    void whatIsNotThereIsNotFoundInWords() {
        create("x", "");
        assertThatThrownBy(() -> codespecs.get("y"))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
                .hasMessage("The codespec 'y' was not found");
        assertThatThrownBy(() -> codespecs.get("x", 2))
                .hasMessage(
                        "The version '2' of codespec 'x' was not found. The latest version is '1'.");
        assertThatThrownBy(() -> codespecs.setTags("y", Optional.empty(), Map.of()))
                .hasMessage("The codespec 'y' was not found");
        assertThatThrownBy(() -> codespecs.create("bad", job(",\"buffers\":{\"inputs\":[\"A\"]}")))
                .hasMessageStartingWith("Buffer names must consist");
        assertThat(names("", Map.of())).containsExactly("x");
    }

    @Test
    void ofManyThatCreateAtOnceEachContentGetsItsOwnVersion() throws Exception {
        int contents = 8;
        List<Future<@Nullable Integer>> versions = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < contents; i++) {
                CodespecBody content = job(",\"args\":[\"" + i + "\"]");
                versions.add(threads.submit(() -> codespecs.create("x", content).version()));
            }
            List<@Nullable Integer> found = new ArrayList<>();
            for (Future<@Nullable Integer> version : versions) {
                found.add(version.get(60, TimeUnit.SECONDS));
            }
            assertThat(found)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.rangeClosed(1, contents).boxed().toList());
        }
        assertThat(codespecs.get("x").version()).isEqualTo(contents);
    }
}
