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
import java.nio.file.Path;
import java.util.List;

/** Opening a journal again: behind a backlog, and behind a million records that were trimmed. */
final class OpenRow implements Suite.Row {
    private static final int OPENINGS = 7;

    private final Records records = new Records();

    @Override
    public void measure(Run run) throws IOException {
        int mebibytes = run.scale().of(1024, 128, 16);
        String size = mebibytes < 1024 ? mebibytes + " MiB" : mebibytes / 1024 + " GiB";
        report(
                run,
                "opening, backlog of %s in frames of 64 KiB".formatted(size),
                filled(run, List.of(new byte[64 << 10]), mebibytes * 16, false),
                2000);
        report(
                run,
                "opening, backlog of %s in frames of 100 B".formatted(size),
                filled(run, records.all(), mebibytes * 8, false),
                2000);
        report(
                run,
                "opening, 1000 records behind none trimmed",
                filled(run, records.all(), 0, true),
                0);
        int trimmed = run.scale().of(1000, 1000, 10);
        report(
                run,
                "opening, 1000 records behind %d k trimmed".formatted(trimmed),
                filled(run, records.all(), trimmed, true),
                0);
    }

    /** A closed journal, and the number of the next record it will take. */
    private record Closed(Path directory, long next) {}

    /** A closed journal with {@code calls} times {@code payloads}. */
    private Closed filled(Run run, List<byte[]> payloads, int calls, boolean trimmed) {
        Path directory = run.fresh("opened");
        try (Journal journal = open(directory)) {
            for (int i = 0; i < calls; i++) {
                journal.append(payloads, 0, Durability.WRITTEN);
            }
            if (trimmed) {
                journal.trim(journal.next());
                journal.append(payloads, 0, Durability.SYNCED);
            }
        }
        int appends = trimmed ? calls + 1 : calls;
        return new Closed(directory, 1 + (long) appends * payloads.size());
    }

    private void report(Run run, String what, Closed closed, double goal) throws IOException {
        double[] millis = new double[OPENINGS];
        for (int i = 0; i < OPENINGS; i++) {
            long before = System.nanoTime();
            try (Journal journal = open(closed.directory)) {
                millis[i] = (System.nanoTime() - before) / 1e6;
                if (journal.next() != closed.next) {
                    throw new IllegalStateException(
                            "expected the next record to be %d, found %d"
                                    .formatted(closed.next, journal.next()));
                }
            }
        }
        run.report(Figure.ours(what, "–", Medians.of(millis), Unit.MILLISECONDS).goal(goal));
        Run.delete(closed.directory);
    }

    private static Journal open(Path directory) {
        return Journal.open(Disk.system(), Clock.system(), directory, JournalSettings.defaults());
    }
}
