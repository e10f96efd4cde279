package dev.forebay.bench.datalog;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.TimeRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A hundred changes of page while one thread records a hundred thousand blobs a second, one a call:
 * how long the slowest call takes, and that nothing is lost. The note says for how long the thread
 * had no processor: that is the machine's part of a pause.
 */
final class RollRow implements Suite.Row {
    private static final int BYTES = 100;
    private static final int RECORDS_PER_SECOND = 100_000;
    private static final int ROLLS = 100;
    private static final double GOAL = 10;

    @Override
    public void measure(Run run) throws Exception {
        int perPage = run.scale().of(10_000, 2_000, 100);
        int count = ROLLS * perPage;
        String what = "%d page rolls, one record a call: ".formatted(ROLLS);
        plain(run, what, perPage);
        Path folder = run.fresh("rolls");
        DataLogSettings settings = DataLogSettings.defaults().withPage(Trigger.atLeast(perPage));
        try (DataLog log = DataLog.open(folder, settings)) {
            record(log, new Figures(), 2 * perPage); // For the compiler.
            log.delete(Optional.of(TimeRange.ALL), List.of());
            Figures calls = new Figures();
            long waited = waitedNanos();
            long begin = System.nanoTime();
            record(log, calls, count);
            long nanos = System.nanoTime() - begin;
            run.note(
                    "rolls: %d records in %d ms, calls %s; %d ms without a processor"
                            .formatted(
                                    count,
                                    nanos / 1_000_000,
                                    calls,
                                    (waitedNanos() - waited) / 1_000_000));
            verify(log, count, perPage);
            run.report(
                    Figure.ours(
                                    what + "records recorded and found again",
                                    "WRITTEN",
                                    count * 1e9 / nanos,
                                    Unit.RECORDS_PER_SECOND)
                            .goal(0.99 * RECORDS_PER_SECOND));
            run.report(
                    Figure.ours(
                                    what + "slowest call",
                                    "WRITTEN",
                                    calls.percentileMillis(100),
                                    Unit.MILLISECONDS)
                            .goal(GOAL));
        }
        Run.delete(folder);
    }

    /** The same writes to the same files without a log: what the file system alone takes. */
    private static void plain(Run run, String what, int perPage) throws Exception {
        Path folder = Files.createDirectories(run.fresh("plain"));
        Figures calls = new Figures();
        try (PlainPages pages = new PlainPages(folder, BYTES, perPage)) {
            timed(ROLLS * perPage, calls, pages::write);
        }
        Run.delete(folder);
        run.report(
                Figure.yardstick(
                        what + "slowest write to plain files, synced by another thread",
                        "WRITTEN",
                        calls.percentileMillis(100),
                        Unit.MILLISECONDS));
    }

    private static void record(DataLog log, Figures calls, int count) throws IOException {
        Payloads payloads = new Payloads(BYTES);
        timed(
                count,
                calls,
                i ->
                        log.record(
                                List.of(
                                        new Entry.Blob(
                                                OptionalLong.of(i),
                                                "bench",
                                                "application/octet-stream",
                                                "",
                                                payloads.get(i))),
                                Durability.WRITTEN));
    }

    /** What is timed. */
    private interface Call {
        void run(int i) throws IOException;
    }

    /** A hundred calls each millisecond. */
    private static void timed(int count, Figures calls, Call call) throws IOException {
        int burst = RECORDS_PER_SECOND / 1000;
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (i % burst == 0) {
                LockSupport.parkNanos(begin + i / burst * 1_000_000L - System.nanoTime());
            }
            long before = System.nanoTime();
            call.run(i);
            calls.add(System.nanoTime() - before);
        }
    }

    private static void verify(DataLog log, int count, int perPage) throws IOException {
        Payloads payloads = new Payloads(BYTES);
        long[] found = new long[1];
        log.download(DownloadFilter.all(TimeRange.ALL))
                .entries((_, _, payload) -> payloads.check(found[0]++, payload));
        int pages = log.pages(TimeRange.ALL).size();
        if (found[0] != count || pages != count / perPage) {
            throw new IllegalStateException(
                    "expected %d records in %d pages, found %d in %d"
                            .formatted(count, count / perPage, found[0], pages));
        }
    }

    /** How long this thread was ready to run and had no processor; Linux counts it. */
    private static long waitedNanos() throws IOException {
        String[] figures =
                Files.readString(Path.of("/proc/thread-self/schedstat")).trim().split(" ", -1);
        return Long.parseLong(figures[1]);
    }
}
