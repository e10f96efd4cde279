package dev.forebay.bench.control;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.bench.streams.ServerProcess;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.BufferFilter;
import dev.forebay.control.BufferPage;
import dev.forebay.control.Buffers;
import dev.forebay.control.Database;
import dev.forebay.control.Lifetimes;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The catalogue over a million buffers with five tags each: the start of a server, pages by tags,
 * creating, counting, sweeping and reconciling. The catalogue is filled without the product, for
 * the tables of this checkout, so an older build cannot be measured.
 */
final class MillionRow implements Suite.Row {
    private static final int PAGE = 100;
    private static final double START_GOAL = 2000;
    private static final double PAGE_GOAL = 10;
    private static final double CREATE_GOAL = 1500;

    @Override
    public void measure(Run run) throws Exception {
        int count = run.scale().of(1_000_000, 1_000_000, 2_000);
        Path data = run.fresh("catalogue");
        long begin = System.nanoTime();
        FilledCatalogue.make(data, count);
        run.note("filled with %d buffers in %.0f ms".formatted(count, millisSince(begin)));
        String over = " over %d buffers".formatted(count);
        double[] ready = new double[3];
        for (int i = 0; i < ready.length; i++) {
            try (ServerProcess server = ServerProcess.start(run.forebay(), data)) {
                ready[i] = server.startUp().toNanos() / 1e6;
            }
        }
        report(run, "server ready" + over, Medians.of(ready), Unit.MILLISECONDS, START_GOAL);
        try (Database database = Database.sqlite(data.resolve("catalog.db"));
                DirectoryContainers containers =
                        DirectoryContainers.open(
                                Disk.system(), Clock.system(), data.resolve("containers"))) {
            Buffers buffers =
                    new Buffers(
                            database,
                            containers,
                            AccessSigner.ephemeral(),
                            Clock.system(),
                            Lifetimes.DEFAULT);
            pages(run, buffers, over);
            int created = 0;
            for (int threads : new int[] {1, 8, 32}) {
                created += create(run, buffers, threads, over);
            }
            maintenance(run, buffers, over, count + created);
        }
    }

    private static void report(Run run, String what, double value, Unit unit, double goal) {
        run.report(Figure.ours(what, "–", value, unit).goal(goal));
    }

    private static void pages(Run run, Buffers buffers, String over) {
        page(run, buffers, "no tag" + over, PAGE_GOAL, Map.of());
        page(run, buffers, "one tag" + over, PAGE_GOAL, Map.of("site", "s3"));
        page(run, buffers, "two tags" + over, PAGE_GOAL, Map.of("site", "s3", "kind", "k2"));
        page(
                run,
                buffers,
                "three tags" + over,
                PAGE_GOAL,
                Map.of("site", "s3", "kind", "k2", "day", "d100"));
        page(
                run,
                buffers,
                "three frequent tags" + over,
                PAGE_GOAL,
                Map.of("site", "s4", "kind", "k2", "even", "e0"));
        page(
                run,
                buffers,
                "two frequent tags that exclude each other" + over,
                0,
                Map.of("site", "s3", "even", "e0"));
    }

    /** Ten times the first ten pages; each buffer of each page must have the tags. */
    private static void page(
            Run run, Buffers buffers, String what, double goal, Map<String, String> tags) {
        BufferFilter filter = new BufferFilter(new TreeMap<>(tags), Map.of(), Optional.of(false));
        Figures figures = new Figures();
        int found = 0;
        for (int round = 0; round < 10; round++) {
            Optional<String> next = Optional.empty();
            for (int i = 0; i < 10 && (i == 0 || next.isPresent()); i++) {
                long begin = System.nanoTime();
                BufferPage page = buffers.list(filter, PAGE, next);
                figures.add(System.nanoTime() - begin);
                next = page.continuation();
                found += page.buffers().size();
                page.buffers()
                        .forEach(buffer -> {
                            if (!buffer.tags().entrySet().containsAll(tags.entrySet())) {
                                throw new IllegalStateException(
                                        "expected buffers with %s, found %s"
                                                .formatted(tags, buffer));
                            }
                        });
            }
        }
        report(
                run,
                "page of 100 by %s, p50".formatted(what),
                figures.percentileMillis(50),
                Unit.MILLISECONDS,
                goal);
        run.note("page by %s: %s, %d buffers".formatted(what, figures, found));
    }

    private static int create(Run run, Buffers buffers, int threads, String over) throws Exception {
        int count = run.scale().of(20_000, 5_000, 100);
        AtomicInteger next = new AtomicInteger();
        long begin = System.nanoTime();
        try (ExecutorService creators = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(
                        creators.submit(() -> {
                            for (int n = next.getAndIncrement();
                                    n < count;
                                    n = next.getAndIncrement()) {
                                buffers.create(FilledCatalogue.tags(n, count), Optional.empty());
                            }
                        }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        report(
                run,
                "creating, %d at a time%s".formatted(threads, over),
                count * 1e3 / millisSince(begin),
                Unit.PER_SECOND,
                threads == 1 ? 0 : CREATE_GOAL);
        return count;
    }

    private static void maintenance(Run run, Buffers buffers, String over, long expected)
            throws Exception {
        long begin = System.nanoTime();
        long counted =
                buffers.count(new BufferFilter(new TreeMap<>(), Map.of(), Optional.of(false)));
        report(run, "counting" + over, millisSince(begin), Unit.MILLISECONDS, 0);
        if (counted != expected) {
            throw new IllegalStateException(
                    "expected %d buffers, counted %d".formatted(expected, counted));
        }
        begin = System.nanoTime();
        buffers.sweep();
        report(run, "sweeping" + over, millisSince(begin), Unit.MILLISECONDS, 0);
        begin = System.nanoTime();
        buffers.reconcile();
        report(run, "reconciling" + over, millisSince(begin), Unit.MILLISECONDS, 0);
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }
}
