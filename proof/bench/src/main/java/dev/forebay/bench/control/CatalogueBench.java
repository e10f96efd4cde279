package dev.forebay.bench.control;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.bench.Figures;
import dev.forebay.bench.streams.ServerProcess;
import dev.forebay.blob.DirectoryContainers;
import dev.forebay.control.AccessSigner;
import dev.forebay.control.BufferFilter;
import dev.forebay.control.BufferPage;
import dev.forebay.control.Buffers;
import dev.forebay.control.Database;
import dev.forebay.control.Lifetimes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a catalogue of many buffers costs: the start of a server over it, a page by tags, counting,
 * creating, reconciling.
 */
public final class CatalogueBench {
    private static final int PAGE = 100;
    private static final int ROUNDS = 100;

    private CatalogueBench() {}

    /** Arguments: the launcher, the data directory, how many buffers, and how many to create. */
    public static void main(String[] args) throws Exception {
        Path forebay = Path.of(args[0]);
        Path data = Path.of(args[1]);
        int count = Integer.parseInt(args[2]);
        int created = Integer.parseInt(args[3]);
        long begin = System.nanoTime();
        FilledCatalogue.make(data, count);
        say("filled with %,d buffers of 5 tags in %.0f s", count, seconds(begin));
        for (int i = 0; i < 3; i++) {
            try (ServerProcess server = ServerProcess.start(forebay, data)) {
                say("server ready after %d ms", server.startUp().toMillis());
            }
        }
        begin = System.nanoTime();
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
            say("catalogue open after %.0f ms", seconds(begin) * 1e3);
            pages(buffers);
            for (int threads : new int[] {1, 8, 32}) {
                create(buffers, threads, created);
            }
            begin = System.nanoTime();
            say("count of all: %,d in %.0f ms", buffers.count(filter()), seconds(begin) * 1e3);
            begin = System.nanoTime();
            buffers.sweep();
            say("sweep of nothing in %.0f ms", seconds(begin) * 1e3);
            begin = System.nanoTime();
            buffers.reconcile();
            say("reconcile in %.1f s", seconds(begin));
        }
    }

    private static void pages(Buffers buffers) {
        page(buffers, "no tag");
        page(buffers, "1 tag of 10 values", "site", "s3");
        page(buffers, "1 tag of 365 days", "day", "d100");
        page(buffers, "2 tags: site, kind", "site", "s3", "kind", "k2");
        page(buffers, "2 tags: site, day", "site", "s3", "day", "d100");
        page(buffers, "3 tags: site, kind, day", "site", "s3", "kind", "k2", "day", "d100");
        page(buffers, "3 tags: site, kind, even", "site", "s4", "kind", "k2", "even", "e0");
        page(buffers, "3 tags: run, site, kind", "run", "r777", "site", "s3", "kind", "k2");
        page(
                buffers,
                "2 tags of 100 000 and 500 000, never both (the limit)",
                "site",
                "s3",
                "even",
                "e0");
    }

    private static BufferFilter filter(String... tags) {
        Map<String, String> all = new java.util.HashMap<>();
        for (int i = 0; i < tags.length; i += 2) {
            all.put(tags[i], tags[i + 1]);
        }
        return new BufferFilter(all, Map.of(), Optional.of(false));
    }

    /** Follows the pages to the tenth, and begins again. */
    private static void page(Buffers buffers, String what, String... tags) {
        BufferFilter filter = filter(tags);
        Figures figures = new Figures();
        Optional<String> next = Optional.empty();
        int found = 0;
        long end = System.nanoTime() + 10_000_000_000L;
        for (int i = 0; i < ROUNDS && System.nanoTime() < end; i++) {
            long begin = System.nanoTime();
            BufferPage page = buffers.list(filter, PAGE, next);
            figures.add(System.nanoTime() - begin);
            next = i % 10 == 9 ? Optional.empty() : page.continuation();
            found = Math.max(found, page.buffers().size());
        }
        say("page of %d by %s: %s, %d found", PAGE, what, figures, found);
    }

    private static void create(Buffers buffers, int threads, int count) throws Exception {
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
        say("created by %d threads: %,.0f/s", threads, count / seconds(begin));
    }

    private static double seconds(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin).toNanos() / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.println(format.formatted(values));
    }
}
