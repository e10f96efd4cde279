package dev.forebay.bench.runs;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.Buffers;
import dev.forebay.control.Codespecs;
import dev.forebay.control.Database;
import dev.forebay.control.Lifetimes;
import dev.forebay.control.RunFilter;
import dev.forebay.control.RunPage;
import dev.forebay.control.Runs;
import dev.forebay.control.TimeRange;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Pages of 20 over a million runs, empty ones included: the first five of each search, until a
 * hundred were read. The slowest page counts as well as the median.
 */
final class SearchRow implements Suite.Row {
    private static final int PAGE = 20;
    private static final double GOAL = 20;
    private static final double LOOSE_GOAL = 1000;

    private record Search(String what, double goal, RunFilter filter) {}

    private final List<Search> searches = new ArrayList<>();

    SearchRow() {
        TimeRange all = TimeRange.ALL;
        TimeRange wide = seconds(1000, 990_000);
        TimeRange thin = seconds(400_000, 400_010);
        TimeRange none = seconds(4_000_000, 5_000_000);
        close("no filter", "", "", "", all, all);
        for (String expression :
                List.of(
                        "Running || Pending",
                        "!Succeeded",
                        "!(Succeeded || Failed)",
                        "Canceling",
                        "Running && Failed")) {
            close("the status " + expression.replace("||", "or"), expression, "", "", all, all);
        }
        close("a frequent tag", "", "device=scanner-3", "", all, all);
        close("a rare tag", "", "rare=1", "", all, all);
        close("a tag that no run has", "", "device=none", "", all, all);
        close("created within a wide range", "", "", "", wide, all);
        close("created within ten seconds", "", "", "", thin, all);
        close("created when no run was", "", "", "", none, all);
        close("finished within a wide range", "", "", "", all, wide);
        close("finished within ten seconds", "", "", "", all, thin);
        close("finished when no run was", "", "", "", all, none);
        close("a codespec", "", "", "spec-7", all, all);
        close("a version of a codespec", "", "", "spec-7/versions/3", all, all);
        close("a codespec that no run has", "", "", "none", all, all);
        close("Failed, with a tag", "Failed", "device=scanner-1", "", all, all);
        close("Pending, with a tag", "Pending", "device=scanner-3", "", all, all);
        close("Canceling, with a tag", "Canceling", "device=scanner-3", "", all, all);
        loose("any value of a frequent tag", "", Set.of("device"), "", all, all);
        loose("any value of a rare tag, finished", "", Set.of("rare"), "", all, wide);
        loose("any value of a frequent tag, finished", "", Set.of("even"), "", all, wide);
        loose("two tags", "device=scanner-4,half=0", Set.of(), "", all, all);
        loose("a tag and a codespec", "half=1", Set.of(), "spec-7", all, all);
        loose("a tag and a codespec, never both", "half=0", Set.of(), "spec-7", all, all);
        loose("two tags of half the runs, never both", "half=1,even=yes", Set.of(), "", all, all);
        loose(
                "a tag, and any value of another, never both",
                "half=1",
                Set.of("even"),
                "",
                all,
                all);
        loose("a rare tag, finished", "rare=1", Set.of(), "", all, wide);
        loose("a tag of the oldest runs, finished", "early=1", Set.of(), "", all, wide);
        loose("a tag, created and finished", "device=scanner-3", Set.of(), "", wide, wide);
        loose("created early, finished late", "", Set.of(), "", seconds(0, 9000), wide);
    }

    private static TimeRange seconds(long after, long before) {
        return new TimeRange(
                Optional.of(Instant.ofEpochSecond(after)),
                Optional.of(Instant.ofEpochSecond(before)));
    }

    private void close(
            String what,
            String status,
            String tag,
            String spec,
            TimeRange created,
            TimeRange finished) {
        add(what, GOAL, status, tag, Set.of(), spec, created, finished);
    }

    private void loose(
            String what,
            String tags,
            Set<String> keys,
            String spec,
            TimeRange created,
            TimeRange ended) {
        add(what, LOOSE_GOAL, "", tags, keys, spec, created, ended);
    }

    private void add(
            String what,
            double goal,
            String status,
            String tags,
            Set<String> keys,
            String codespec,
            TimeRange created,
            TimeRange finished) {
        Map<String, String> values = new HashMap<>();
        for (String tag : tags.isEmpty() ? new String[0] : tags.split(",", -1)) {
            values.put(tag.replaceAll("=.*", ""), tag.replaceAll(".*=", ""));
        }
        RunFilter filter =
                new RunFilter(
                        RunFilter.states(status.isEmpty() ? List.of() : List.of(status)),
                        values,
                        keys,
                        Optional.of(codespec).filter(text -> !text.isEmpty()),
                        created,
                        finished);
        searches.add(new Search(what, goal, filter));
    }

    @Override
    public void measure(Run run) throws Exception {
        int count = run.scale().of(1_000_000, 1_000_000, 2_000);
        Path data = run.fresh("runs");
        Path file = data.resolve("catalog.db");
        long begin = System.nanoTime();
        FilledRuns.make(file, count);
        run.note("filled with %d runs in %.0f ms".formatted(count, millisSince(begin)));
        try (Database database = Database.sqlite(file);
                DirectoryContainers containers =
                        DirectoryContainers.open(
                                Disk.system(), Clock.system(), data.resolve("containers"))) {
            Clock clock = Clock.system();
            Buffers buffers =
                    new Buffers(
                            database,
                            containers,
                            AccessSigner.ephemeral(),
                            clock,
                            Lifetimes.DEFAULT);
            Runs runs = new Runs(database, clock, new Codespecs(database, clock), buffers);
            searches.forEach(search -> pages(runs, search, 5)); // Warm.
            searches.forEach(search -> report(run, runs, search));
        }
    }

    private static void report(Run run, Runs runs, Search search) {
        Figures figures = pages(runs, search, search.goal() == GOAL ? 100 : 10);
        run.report(
                Figure.ours(
                                "page of runs by %s, p50".formatted(search.what()),
                                "–",
                                figures.percentileMillis(50),
                                Unit.MILLISECONDS)
                        .goal(search.goal()));
        long begin = System.nanoTime();
        long counted = runs.counts(search.filter()).values().stream().mapToLong(each -> each).sum();
        run.note(
                "%s: %s; counting %d runs took %.1f ms"
                        .formatted(search.what(), figures, counted, millisSince(begin)));
    }

    private static Figures pages(Runs runs, Search search, int most) {
        Figures figures = new Figures();
        int read = 0;
        while (read < most) {
            Optional<String> next = Optional.empty();
            for (int i = 0; i < 5 && read < most && (i == 0 || next.isPresent()); i++, read++) {
                long begin = System.nanoTime();
                RunPage page = runs.list(search.filter(), PAGE, next);
                figures.add(System.nanoTime() - begin);
                next = page.continuation();
            }
        }
        return figures;
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }
}
