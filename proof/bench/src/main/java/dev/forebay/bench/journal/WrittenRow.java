package dev.forebay.bench.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One thread appends at {@code WRITTEN}, in rounds on one journal that is trimmed after each: the
 * first rounds fill new files, the later ones files that were trimmed. A journal that does not
 * count warms the compiler up.
 */
final class WrittenRow implements Suite.Row {
    /** So many rounds meet new files: as many bytes as the segments that are kept. */
    private static final int FRESH_ROUNDS = 3;

    private final int perCall;
    private final double goal;

    WrittenRow(int perCall, double goal) {
        this.perCall = perCall;
        this.goal = goal;
    }

    private record Round(double perSecond, double slowestMillis) {}

    @Override
    public void measure(Run run) throws IOException {
        int count = run.scale().of(1_600_000, 800_000, 200_000);
        rounds(run, count, FRESH_ROUNDS + 1, false);
        List<Round> rounds = rounds(run, count, run.scale().of(10, 7, 4), true);
        String what = perCall == 1 ? "one record a call" : perCall + " records a call";
        List<Round> fresh = rounds.subList(0, FRESH_ROUNDS);
        List<Round> recycled = rounds.subList(FRESH_ROUNDS, rounds.size());
        run.report(
                Figure.ours(what + ", new files", "WRITTEN", rate(fresh), Unit.RECORDS_PER_SECOND));
        run.report(
                Figure.ours(
                                what + ", recycled files",
                                "WRITTEN",
                                rate(recycled),
                                Unit.RECORDS_PER_SECOND)
                        .goal(goal));
        run.report(
                Figure.ours(
                                what + ", slowest 64 calls of a round",
                                "WRITTEN",
                                Medians.of(recycled.stream().map(Round::slowestMillis).toList()),
                                Unit.MILLISECONDS)
                        .goal(5));
    }

    private static double rate(List<Round> rounds) {
        return Medians.of(rounds.stream().map(Round::perSecond).toList());
    }

    private List<Round> rounds(Run run, int count, int rounds, boolean told) throws IOException {
        Records records = new Records();
        Path directory = run.fresh("journal");
        JournalSettings settings = JournalSettings.defaults().withSpares(16).withReadyAhead(4);
        List<Round> measured = new ArrayList<>();
        try (Journal journal = Journal.open(Disk.system(), Clock.system(), directory, settings)) {
            for (int i = 0; i < rounds; i++) {
                long worked = processorNanos();
                long waited = waitedNanos();
                Round round = round(journal, records, count);
                worked = processorNanos() - worked;
                waited = waitedNanos() - waited;
                measured.add(round);
                records.verify(journal, Records.COUNT);
                journal.trim(journal.next());
                if (told) {
                    run.note(
                            String.format(
                                    Locale.ROOT,
                                    "%d a call, round %d: %.1f M/s, %.1f by the thread's own time;"
                                            + " slowest 64 calls %.2f ms; %.2f ms without a processor",
                                    perCall,
                                    i,
                                    round.perSecond / 1e6,
                                    count * 1e3 / worked,
                                    round.slowestMillis,
                                    waited / 1e6));
                }
            }
        }
        Run.delete(directory);
        return measured;
    }

    private Round round(Journal journal, Records records, int count) {
        List<List<byte[]>> lists = records.lists(perCall);
        long slowest = 0;
        long before = System.nanoTime();
        long last = before;
        for (int i = 0; i < count / perCall; i++) {
            if (perCall == 1) {
                journal.append(records.get(i), 0, Durability.WRITTEN);
            } else {
                journal.append(lists.get(i % lists.size()), 0, Durability.WRITTEN);
            }
            if ((i & 63) == 0) {
                long now = System.nanoTime();
                slowest = Math.max(slowest, now - last);
                last = now;
            }
        }
        return new Round(count * 1e9 / (System.nanoTime() - before), slowest / 1e6);
    }

    /** How long this thread has run. It tells slow code from a busy machine. */
    private static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** How long this thread was ready to run and had no processor; Linux counts it. */
    private static long waitedNanos() throws IOException {
        String[] figures =
                Files.readString(Path.of("/proc/thread-self/schedstat")).trim().split(" ", -1);
        return Long.parseLong(figures[1]);
    }
}
