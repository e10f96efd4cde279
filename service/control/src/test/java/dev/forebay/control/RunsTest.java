package dev.forebay.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.ControlException.Kind;
import dev.forebay.run.Observation;
import dev.forebay.run.Outcome;
import dev.forebay.run.RelayId;
import dev.forebay.run.RunStatus;
import dev.forebay.stream.BufferWriter;
import dev.forebay.stream.WriteOptions;
import dev.forebay.testkit.ManualClock;
import dev.forebay.wire.Json;
import dev.forebay.wire.control.CodespecBody;
import dev.forebay.wire.control.RunBody;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs as data on SQLite; {@link PostgresRunsTest} runs the same on PostgreSQL. */
class RunsTest {
    @TempDir Path temp;
    private final ManualClock clock = new ManualClock();
    private Database database;
    private DirectoryContainers containers;
    private Codespecs codespecs;
    private Buffers buffers;
    private Runs runs;

    Database openDatabase() throws IOException {
        return Database.sqlite(temp.resolve("catalog.db"));
    }

    @BeforeEach
    void open() throws IOException {
        database = openDatabase();
        containers =
                DirectoryContainers.open(Disk.system(), Clock.system(), temp.resolve("containers"));
        buffers =
                new Buffers(
                        database, containers, AccessSigner.ephemeral(), clock, Lifetimes.DEFAULT);
        codespecs = new Codespecs(database, clock);
        runs = new Runs(database, clock, codespecs, buffers);
    }

    @AfterEach
    void close() {
        containers.close();
        database.close();
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(UTF_8);
    }

    private void codespec(String name, String more) {
        codespecs.create(
                name,
                Json.read(json("{'kind':'job','image':'i'" + more + "}"), CodespecBody.class));
    }

    private static RunBody asked(String job) {
        return Json.read(json("{'job':{" + job + "}}"), RunBody.class);
    }

    private static RunBody tagged(String job, String tags) {
        return Json.read(json("{'job':{" + job + "},'tags':{" + tags + "}}"), RunBody.class);
    }

    private Run create(String job, String tags) {
        clock.advance(Duration.ofSeconds(1));
        return create(tagged(job, tags), Optional.empty());
    }

    private Run create(RunBody body, Optional<String> key) {
        return runs.create(body, key, content -> content);
    }

    private static Observation leadingTo(RunStatus status, Instant now) {
        return switch (status) {
            case PENDING -> throw new IllegalArgumentException("no observation leads to Pending");
            case RUNNING -> new Observation.Started(now);
            case CANCELING -> new Observation.CancelAsked("Canceled by user");
            case SUCCEEDED -> new Observation.Ended(Outcome.exited(0), now);
            case FAILED -> new Observation.Ended(Outcome.exited(1), now);
            case CANCELED -> new Observation.Ended(Outcome.canceled("Canceled by user"), now);
        };
    }

    private Run to(Run run, RunStatus status) {
        clock.advance(Duration.ofMillis(1));
        return runs.observed(run.id(), leadingTo(status, clock.wall()));
    }

    private List<Run> list(RunFilter filter) {
        return runs.list(filter, 2000, Optional.empty()).runs();
    }

    private static RunFilter filter(String... expressions) {
        return with(RunFilter.states(List.of(expressions)), Map.of(), Set.of(), Optional.empty());
    }

    private static RunFilter with(
            Set<RunStatus> states,
            Map<String, String> tags,
            Set<String> keys,
            Optional<String> codespec) {
        return new RunFilter(states, tags, keys, codespec, TimeRange.ALL, TimeRange.ALL);
    }

    @Test
    void whatIsCreatedIsFoundWithItsCodespecInThePlaceOfTheName() {
        codespec("x", ",'args':['1']");
        Run run = create("'codespec':'x'", "'a':'1'");
        assertThat(run.id()).isEqualTo(1);
        assertThat(runs.get(1)).isEqualTo(run);
        assertThat(runs.get(1).eTag()).isEqualTo(run.eTag());
        assertThat(list(RunFilter.ALL)).containsExactly(run);
        codespec("x", ",'args':['2']");
        RunBody body = runs.get(1).body();
        assertThat(new String(Json.write(body), UTF_8).replace('"', '\''))
                .contains("'status':'Pending'", "'version':1", "'args':['1']")
                .contains("'timeoutSeconds':43200", "'bufferAccessTtl':'01:00:00'", "'a':'1'");
        assertThatThrownBy(() -> runs.get(2)).hasMessage("The run '2' was not found");
    }

    @Test
    void creationsWithOneKeyMakeOneRun() {
        codespec("x", "");
        RunBody body = asked("'codespec':'x'");
        Run first = create(body, Optional.of("key"));
        assertThat(create(body, Optional.of("key"))).isEqualTo(first);
        assertThat(create(body, Optional.of("other")).id()).isNotEqualTo(first.id());
        assertThat(list(RunFilter.ALL)).hasSize(2);
    }

    @Test
    void aFinalStateIsReachedOnce() {
        codespec("x", "");
        Run run = to(to(create("'codespec':'x'", ""), RunStatus.RUNNING), RunStatus.SUCCEEDED);
        assertThat(run.state().startedAt()).isPresent();
        assertThat(run.state().finishedAt()).isPresent();
        assertThat(to(run, RunStatus.FAILED)).isEqualTo(run);
        assertThat(to(run, RunStatus.CANCELING)).isEqualTo(run);
        assertThat(runs.get(run.id())).isEqualTo(run);
    }

    @Test
    void aCancelIsStoredUntilTheEndIsObserved() {
        codespec("x", "");
        Run asked = to(create("'codespec':'x'", ""), RunStatus.CANCELING);
        assertThat(asked.state().status()).isEqualTo(RunStatus.CANCELING);
        assertThat(asked.state().reason()).contains("Canceled by user");
        assertThat(list(filter("Canceling"))).containsExactly(runs.get(asked.id()));
        Run ended = to(asked, RunStatus.CANCELED);
        assertThat(list(filter("Canceled"))).containsExactly(runs.get(ended.id()));
    }

    @Test
    void tagsAreReplacedOnThePresumedVersion() {
        codespec("x", "");
        Run run = create("'codespec':'x'", "'a':'1','b':'2'");
        Run set = runs.setTags(run.id(), Optional.of(run.eTag()), Map.of("c", "3"));
        assertThat(set.eTag()).isNotEqualTo(run.eTag());
        assertThat(runs.get(run.id())).isEqualTo(set);
        assertThatThrownBy(() -> runs.setTags(run.id(), Optional.of(run.eTag()), Map.of()))
                .hasMessage("ETag does not match");
        Set<RunStatus> all = RunFilter.states(List.of());
        assertThat(list(with(all, Map.of("a", "1"), Set.of(), Optional.empty()))).isEmpty();
        assertThat(list(with(all, Map.of("c", "3"), Set.of(), Optional.of("x"))))
                .containsExactly(set);
    }

    @Test
    void whatCannotBeExecutedIsRefusedInTheWordsOfTheReference() {
        codespec("x", ",'buffers':{'inputs':['in']}");
        codespecs.create("w", Json.read(json("{'kind':'worker','image':'i'}"), CodespecBody.class));
        String deleted = buffers.create(Map.of(), Optional.empty()).id();
        buffers.delete(deleted, Optional.empty());
        String[][] rows = {
            {"", "'codespec'"},
            {"'codespec':'y'", "The codespec 'y' was not found"},
            {
                "'codespec':'x/versions/2'",
                "The version '2' of codespec 'x' was not found. The latest version is '1'."
            },
            {"'codespec':'X'", "'NAME/versions/N'"},
            {"'codespec':'x/2'", "'NAME/versions/N'"},
            {"'codespec':'w'", "of kind 'worker'"},
            {"'codespec':{'image':'i'}", "Missing discriminator property 'kind'"},
            {
                "'codespec':{'kind':'job','image':'i','buffers':{'inputs':['FOO']}}",
                "Buffer names must consist"
            },
            {
                "'codespec':'x','buffers':{'out':'abc'}",
                "Buffer argument '[out, abc]' does not correspond to a buffer parameter"
            },
            {"'codespec':'x','buffers':{'in':'abc'}", "The buffer 'abc' was not found"},
            {
                "'codespec':'x','buffers':{'in':'" + deleted + "'}",
                "The buffer '" + deleted + "' was not found"
            },
            {
                "'codespec':'x','buffers':{'in':'run-1-temp-x'}",
                "The buffer 'run-1-temp-x' was not found"
            },
            {"'codespec':'x','tags':{'a b':'1'}", "Tag keys must contain up to 128"},
            {"'codespec':'x','replicas':0", "'replicas' must be at least 1"}
        };
        for (String[] row : rows) {
            assertThatThrownBy(() -> create(asked(row[0]), Optional.empty()))
                    .as(row[0])
                    .isInstanceOfSatisfying(
                            ControlException.class,
                            e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
                    .hasMessageContaining(row[1]);
        }
        for (String[] row :
                new String[][] {
                    {"{}", "'job'"},
                    {
                        "{'kind':'system','job':{'codespec':'x'}}",
                        "System runs cannot be created directly"
                    },
                    {"{'job':{'codespec':'x'},'tags':{'a b':'1'}}", "Tag keys must contain"},
                    {"{'job':{'codespec':'x'},'worker':{}}", "The worker was missing"},
                    {"{'job':{'codespec':'x'},'worker':{'codespec':'x'}}", "of kind 'job'"},
                    {"{'job':{'codespec':'x'},'timeoutSeconds':0}", "'timeoutSeconds'"}
                }) {
            RunBody body = Json.read(json(row[0]), RunBody.class);
            assertThatThrownBy(() -> runs.check(body)).hasMessageContaining(row[1]);
        }
        assertThat(list(RunFilter.ALL)).isEmpty();
        String there = buffers.create(Map.of(), Optional.empty()).id();
        assertThat(create("'codespec':'x','buffers':{'IN':'" + there + "'}", "").id()).isEqualTo(1);
    }

    @Test
    void pagesReachAllOnceWhileOthersAreCreated() {
        codespec("x", "");
        List<Run> made = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Run run = create("'codespec':'x'", "");
            made.addFirst(i % 3 == 0 ? to(run, RunStatus.RUNNING) : run);
        }
        List<Run> seen = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunPage page = runs.list(RunFilter.ALL, 5, next);
            seen.addAll(page.runs());
            next = page.continuation();
            create("'codespec':'x'", "");
        } while (next.isPresent());
        assertThat(seen).isEqualTo(made);
        assertThat(runs.list(RunFilter.ALL, 0, Optional.empty()).runs()).isEmpty();
        assertThatThrownBy(() -> runs.list(RunFilter.ALL, -1, Optional.empty()))
                .hasMessage("Limit must be a non-negative integer.");
        for (String bad : List.of("!", "MSxh", "", "MQ")) {
            assertThatThrownBy(() -> runs.list(RunFilter.ALL, 1, Optional.of(bad)))
                    .hasMessage("Invalid continuation token.");
        }
    }

    /** Every filter finds, page by page, what a look at each run finds. */
    @Test
    void everyFilterFindsWhatALookAtEachRunFinds() {
        codespec("x", "");
        codespec("x", ",'args':['2']");
        codespec("y", "");
        Random random = new Random(1);
        List<Run> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            String name = List.of("x", "x/versions/1", "y").get(random.nextInt(3));
            String tags =
                    List.of("", "'a':'1'", "'a':'2'", "'a':'1','b':'1'", "'b':'2'")
                            .get(random.nextInt(5));
            all.add(create("'codespec':'" + name + "'", tags));
            Run old = all.get(random.nextInt(all.size()));
            if (!old.state().status().isFinal()) {
                RunStatus next = List.of(RunStatus.values()).get(1 + random.nextInt(5));
                all.set((int) old.id() - 1, to(old, next));
            }
        }
        Instant middle = all.get(30).createdAt();
        Instant later = all.get(45).createdAt();
        List<TimeRange> ranges =
                List.of(
                        TimeRange.ALL,
                        new TimeRange(Optional.of(middle), Optional.empty()),
                        new TimeRange(Optional.empty(), Optional.of(middle)),
                        new TimeRange(Optional.of(middle), Optional.of(later)));
        // Reads the labels of a filter side by side, however few runs have them.
        Runs merging =
                new Runs(database, clock, codespecs, buffers, new RunTable(database.dialect(), 1));
        int found = 0;
        for (int i = 0; i < 150; i++) {
            RunFilter filter =
                    new RunFilter(
                            RunFilter.states(
                                    List.of("!Pending || Pending", "Running || Failed", "!Running")
                                            .subList(random.nextInt(3), 3)
                                            .subList(0, 1)),
                            List.of(
                                            Map.<String, String>of(),
                                            Map.of("a", "1"),
                                            Map.of("a", "1", "b", "1"),
                                            Map.of("b", "2"),
                                            Map.of("c", "1"))
                                    .get(random.nextInt(5)),
                            List.of(Set.<String>of(), Set.of("b"), Set.of("a", "b"))
                                    .get(random.nextInt(3)),
                            List.of(
                                            Optional.<String>empty(),
                                            Optional.of("x"),
                                            Optional.of("x/versions/2"))
                                    .get(random.nextInt(3)),
                            ranges.get(random.nextInt(4)),
                            ranges.get(random.nextInt(4)));
            List<Run> expected =
                    all.stream().filter(matching(filter)).sorted(order(filter)).toList();
            assertThat(paged(runs, filter)).as("%s", filter).isEqualTo(expected);
            assertThat(paged(merging, filter)).as("%s", filter).isEqualTo(expected);
            assertThat(runs.counts(filter).values().stream().mapToLong(Long::longValue).sum())
                    .as("%s", filter)
                    .isEqualTo(expected.size());
            found += expected.size();
        }
        assertThat(found).isGreaterThan(100);
    }

    private static List<Run> paged(Runs runs, RunFilter filter) {
        List<Run> seen = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunPage page = runs.list(filter, 7, next);
            seen.addAll(page.runs());
            next = page.continuation();
        } while (next.isPresent());
        return seen;
    }

    private static Comparator<Run> order(RunFilter filter) {
        Comparator<Run> age =
                filter.finished().isAll()
                        ? Comparator.comparing(Run::createdAt)
                        : Comparator.comparing(run -> run.state().finishedAt().orElseThrow());
        return age.thenComparingLong(Run::id).reversed();
    }

    private static Predicate<Run> matching(RunFilter filter) {
        return run -> {
            CodespecBody codespec = Runs.codespec(run.content());
            String name = String.valueOf(codespec.name());
            String version = name + "/versions/" + codespec.version();
            return filter.states().contains(run.state().status())
                    && run.tags().entrySet().containsAll(filter.tags().entrySet())
                    && run.tags().keySet().containsAll(filter.tagKeys())
                    && filter.codespec().map(Set.of(name, version)::contains).orElse(true)
                    && isIn(filter.created(), Optional.of(run.createdAt()))
                    && isIn(filter.finished(), run.state().finishedAt());
        };
    }

    private static boolean isIn(TimeRange range, Optional<Instant> time) {
        return range.isAll()
                || time.isPresent()
                        && range.after().map(time.get()::isAfter).orElse(true)
                        && range.before().map(time.get()::isBefore).orElse(true);
    }

    @Test
    void ephemeralBufferIsNamedAfterItsRun() {
        codespec("x", ",'buffers':{'inputs':['in'],'outputs':['out']}");
        Run run = create("'codespec':'x','buffers':{'IN':'_','out':'" + buffer("y") + "'}", "");
        Map<String, String> arguments = Objects.requireNonNull(run.content().job()).buffers();
        String id = Objects.requireNonNull(Objects.requireNonNull(arguments).get("in"));
        assertThat(RelayId.parse(id)).map(RelayId::run).contains(run.id());
        assertThat(runs.ofRelay(RelayId.parse(id).orElseThrow())).contains(run);
        assertThat(runs.ofRelay(new RelayId(run.id(), "x"))).isEmpty();
        assertThat(runs.ofRelay(new RelayId(99, "x"))).isEmpty();
    }

    private static final String COPY = "'codespec':'copy'";
    private static final Optional<String> FILE = Optional.of("file:1");

    /** A complete buffer. */
    private String buffer(String content) {
        String id = buffers.create(Map.of(), Optional.empty()).id();
        write(id, content);
        return id;
    }

    private void write(String id, String content) {
        new BufferWriter(containers.open(id).orElseThrow(), WriteOptions.defaults())
                .write(Channels.newChannel(new ByteArrayInputStream(content.getBytes(UTF_8))));
    }

    private static String copying(String in) {
        return COPY + ",'buffers':{'in':'" + in + "'}";
    }

    private static String copying(String in, String out) {
        return COPY + ",'buffers':{'in':'%s','out':'%s'}".formatted(in, out);
    }

    private Run copied(String in, String out, Outcome outcome) {
        Run run = create(copying(in, out), "");
        return runs.observed(run.id(), new Observation.Ended(outcome, clock.wall(), FILE));
    }

    private Optional<Long> answer(String job) {
        return answer(job, FILE);
    }

    private Optional<Long> answer(String job, Optional<String> executable) {
        return runs.answer(asked(job), _ -> executable, Optional.empty()).map(Run::id);
    }

    private void copyingCodespecs() {
        String more = ",'buffers':{'inputs':['in'],'outputs':['out']},'env':{'A':'1','B':'2'}";
        codespec("copy", more + ",'command':['cp']");
        codespec("other", more + ",'command':['mv']");
        codespec(
                "same",
                ",'env':{'B':'2','A':'1'}" + more.split(",'env'", 2)[0] + ",'command':['cp']");
    }

    @Test
    void equalRunIsAnsweredByTheOneThatSucceeded() {
        copyingCodespecs();
        String in = buffer("abc");
        Run run = copied(in, buffer("out"), Outcome.exited(0));
        assertThat(answer(copying(in))).contains(run.id());
        assertThat(answer(copying(buffer("abc")))).contains(run.id());
        assertThat(answer(copying(in).replace("copy", "same"))).contains(run.id());
        assertThat(answer(copying(buffer("abd")))).as("other bytes").isEmpty();
        assertThat(answer(copying(buffer("abcd")))).as("more bytes").isEmpty();
        assertThat(answer(copying(in).replace("copy", "other"))).as("other command").isEmpty();
        assertThat(answer(copying(in), Optional.of("file:2"))).as("other executable").isEmpty();
        assertThat(answer(copying(in), Optional.empty())).as("unknown executable").isEmpty();
        assertThat(answer(copying(in, buffer("x")))).as("an output of its own").isEmpty();
        Run later = copied(buffer("abc"), buffer("out"), Outcome.exited(0));
        assertThat(answer(copying(in))).contains(later.id());
    }

    @Test
    void keyOfARequestThatWasAnsweredKeepsItsRun() {
        copyingCodespecs();
        String in = buffer("abc");
        Run run = copied(in, buffer("out"), Outcome.exited(0));
        Optional<String> key = Optional.of("key");
        assertThat(runs.answer(asked(copying(in)), _ -> FILE, key)).isPresent();
        Run later = copied(in, buffer("out"), Outcome.exited(0));
        assertThat(answer(copying(in))).contains(later.id());
        assertThat(runs.answer(asked(copying(in)), _ -> FILE, key)).isEmpty();
        assertThat(create(asked(copying(in)), key).id()).isEqualTo(run.id());
    }

    @Test
    void inputOfUnknownContentIsAnsweredByNoRun() {
        copyingCodespecs();
        String in = buffers.create(Map.of(), Optional.empty()).id();
        Run run = copied(in, buffer("out"), Outcome.exited(0));
        assertThat(answer(copying(in))).as("not complete yet").isEmpty();
        assertThat(answer(COPY)).as("not named").isEmpty();
        write(in, "abc");
        assertThat(answer(copying(in))).contains(run.id());
        String failed = buffers.create(Map.of(), Optional.empty()).id();
        new BufferWriter(containers.open(failed).orElseThrow(), WriteOptions.defaults()).giveUp();
        copied(failed, buffer("out"), Outcome.exited(0));
        assertThat(answer(copying(failed))).as("failed").isEmpty();
    }

    /** All but the markers of the buffer, behind the back of the store. */
    private void removeBlobs(String id) throws IOException {
        try (Stream<Path> files = Files.walk(temp.resolve("containers").resolve(id))) {
            List<Path> blobs =
                    files.filter(Files::isRegularFile)
                            .filter(file -> !file.getFileName().toString().contains("buffer"))
                            .toList();
            assertThat(blobs).isNotEmpty();
            for (Path blob : blobs) {
                Files.delete(blob);
            }
        }
    }

    @Test
    void inputIsReadOnceForItsDigest() throws IOException {
        copyingCodespecs();
        String in = buffer("abc");
        Run run = copied(buffer("abc"), buffer("out"), Outcome.exited(0));
        assertThat(answer(copying(in))).contains(run.id());
        removeBlobs(in);
        assertThat(answer(copying(in))).as("without its blobs").contains(run.id());
    }

    @Test
    void runWhoseOutputIsGoneAnswersNoOther() {
        copyingCodespecs();
        String in = buffer("abc");
        String out = buffer("out");
        Run run = copied(in, out, Outcome.exited(0));
        buffers.delete(out, Optional.empty());
        assertThat(answer(copying(in))).as("deleted").isEmpty();
        buffers.restore(out);
        assertThat(answer(copying(in))).contains(run.id());
        buffers.update(out, false, Optional.empty(), Map.of(), Optional.of(clock.wall()));
        clock.advance(Duration.ofSeconds(1));
        assertThat(answer(copying(in))).as("expired").isEmpty();
        copied(in, buffers.create(Map.of(), Optional.empty()).id(), Outcome.exited(0));
        assertThat(answer(copying(in))).as("not complete").isEmpty();
    }

    @Test
    void runThatDidNotSucceedAnswersNoOther() {
        copyingCodespecs();
        String in = buffer("abc");
        copied(in, buffer("out"), Outcome.exited(1));
        copied(in, buffer("out"), Outcome.canceled("Canceled by user"));
        Run running = create(copying(in, buffer("out")), "");
        runs.observed(running.id(), new Observation.Started(clock.wall()));
        assertThat(answer(copying(in))).isEmpty();
    }

    @Test
    void filtersThatNoRunCanMatchFindNone() {
        codespec("x", "");
        create("'codespec':'x'", "'a':'1'");
        Set<RunStatus> every = RunFilter.states(List.of());
        for (RunFilter none :
                List.of(
                        filter("Running && Failed"),
                        with(every, Map.of("\u0000", "1"), Set.of(), Optional.empty()),
                        with(every, Map.of(), Set.of("=codespec"), Optional.empty()),
                        with(every, Map.of(), Set.of(), Optional.of("X")),
                        with(every, Map.of(), Set.of(), Optional.of("x/versions/2")))) {
            assertThat(list(none)).as("%s", none).isEmpty();
            assertThat(runs.counts(none)).as("%s", none).isEmpty();
        }
        assertThat(runs.counts(RunFilter.ALL)).isEqualTo(Map.of(RunStatus.PENDING, 1L));
    }
}
