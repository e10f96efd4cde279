package dev.forebay.bench.datalog;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.datalog.DataLog;
import dev.forebay.datalog.DataLogSettings;
import dev.forebay.datalog.Entry;
import dev.forebay.datalog.EventQuery;
import dev.forebay.datalog.EventsAndComments;
import dev.forebay.datalog.TimeRange;
import dev.forebay.datalog.export.KnownMessages;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The events of a minute out of a log whose every page has a minute. In the log itself the pages
 * that are opened are counted, and one that lies outside the range ends the run; over HTTP the
 * answer of a server is timed.
 */
final class RangeQueryRow implements Suite.Row {
    private static final int EVENTS = 10;
    private static final int QUERIES = 200;
    private static final double GOAL = 20;
    private static final long MINUTE = 60_000_000_000L;
    private static final long BEGIN = 1_700_000_000_000_000_000L;

    @Override
    public void measure(Run run) throws Exception {
        int pages = run.scale().of(10_000, 2_000, 50);
        Path data = Files.createDirectory(run.fresh("pages"));
        fill(run, data.resolve("log"), pages);
        inProcess(run, data.resolve("log"), pages);
        overHttp(run, data, pages);
        Run.delete(data);
    }

    private static void fill(Run run, Path log, int pages) throws IOException {
        long begin = System.nanoTime();
        DataLogSettings settings = DataLogSettings.defaults().withPage(Trigger.atLeast(EVENTS));
        try (DataLog filled = DataLog.open(log, settings)) {
            for (int page = 0; page < pages; page++) {
                List<Entry> events = new ArrayList<>();
                for (int i = 0; i < EVENTS; i++) {
                    events.add(event(page, i));
                }
                filled.record(events, Durability.WRITTEN);
                if (page % 20 == 0) {
                    filled.ledger(); // Waits until the pages so far are complete.
                }
            }
        }
        run.note("%d pages in %d ms".formatted(pages, (System.nanoTime() - begin) / 1_000_000));
    }

    private static long time(int page, int i) {
        return BEGIN + page * MINUTE + i * (MINUTE / EVENTS);
    }

    private static String id(int page, int i) {
        return "event-%d-%d".formatted(page, i);
    }

    private static Entry event(int page, int i) {
        String at = Instant.ofEpochSecond(0, time(page, i)).toString();
        return new Entry.Event(
                KnownMessages.encode(
                        KnownMessages.EVENT,
                        Map.of("id", id(page, i), "start_time", at, "end_time", at)));
    }

    private static TimeRange minute(int page) {
        return new TimeRange(time(page, 0), time(page + 1, 0) - 1);
    }

    private static void inProcess(Run run, Path folder, int pages) throws IOException {
        OpenedPages opened = new OpenedPages();
        Disk disk = opened.disk();
        Figures times = new Figures();
        int most = 0;
        try (DataLog log = DataLog.open(disk, Clock.system(), folder, DataLogSettings.defaults())) {
            opened.take();
            for (int i = 0; i < QUERIES; i++) {
                int page = (int) ((long) i * pages / QUERIES);
                long begin = System.nanoTime();
                EventsAndComments found =
                        log.events(
                                new EventQuery(
                                        minute(page),
                                        List.of(EventQuery.EventSpec.ANY),
                                        true,
                                        EventQuery.MOST,
                                        EventQuery.MOST));
                times.add(System.nanoTime() - begin);
                Set<Long> touched = opened.take();
                if (found.events().size() != EVENTS || !touched.equals(Set.of(page + 1L))) {
                    throw new IllegalStateException(
                            "minute %d: expected %d events of page %d, found %d and opened %s"
                                    .formatted(
                                            page,
                                            EVENTS,
                                            page + 1,
                                            found.events().size(),
                                            touched));
                }
                most = Math.max(most, touched.size());
            }
        }
        report(run, "events of a minute out of %d pages".formatted(pages), times);
        run.report(
                Figure.ours(
                                "pages opened for it, at most, none outside the minute",
                                "–",
                                most,
                                Unit.COUNT)
                        .goal(1));
    }

    private static void report(Run run, String what, Figures times) {
        run.note(what + ": " + times);
        run.report(Figure.ours(what + ", p50", "–", times.percentileMillis(50), Unit.MILLISECONDS));
        run.report(
                Figure.ours(what + ", p99", "–", times.percentileMillis(99), Unit.MILLISECONDS)
                        .goal(GOAL));
    }

    private static void overHttp(Run run, Path data, int pages) throws Exception {
        Figures times = new Figures();
        try (LogServer server = LogServer.start(run, data);
                LogCalls client = server.calls()) {
            for (int i = 0; i < QUERIES; i++) {
                int page = (int) ((long) i * pages / QUERIES);
                long begin = System.nanoTime();
                String answer = ask(server.uri(), client.token(), minute(page));
                times.add(System.nanoTime() - begin);
                for (int j = 0; j < EVENTS; j++) {
                    if (!answer.contains('"' + id(page, j) + '"')) {
                        throw new IllegalStateException("expected all events, found " + answer);
                    }
                }
            }
        }
        report(run, "the same from a server that has just started, over HTTP", times);
    }

    private static String ask(URI server, String token, TimeRange range) throws IOException {
        HttpURLConnection request =
                (HttpURLConnection)
                        server.resolve(
                                        "/log/v1/events?from_nsec=%d&to_nsec=%d"
                                                .formatted(range.from(), range.to()))
                                .toURL()
                                .openConnection();
        request.setRequestProperty("Authorization", "Bearer " + token);
        try (var in = request.getInputStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
