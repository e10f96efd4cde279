package dev.forebay.bench.journal;

import dev.forebay.base.Clock;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalSettings;
import java.nio.file.Path;

/** Many virtual threads append at {@code SYNCED}, beside a group commit of 60 lines. */
final class GroupRow implements Suite.Row {
    private final int writers;
    private final long syncNanos;

    /**
     * @param syncNanos how long a sync takes at least; 0 leaves it as the disk has it
     */
    GroupRow(int writers, long syncNanos) {
        this.writers = writers;
        this.syncNanos = syncNanos;
    }

    @Override
    public void measure(Run run) throws Exception {
        int each = syncNanos > 0 ? run.scale().of(600, 150, 20) : run.scale().of(4000, 1000, 50);
        String what =
                "%d writers, syncs %s"
                        .formatted(
                                writers,
                                syncNanos > 0
                                        ? "of %d ms".formatted(syncNanos / 1_000_000)
                                        : "as they are");
        byte[] record = new Records().get(0);
        Path path = run.fresh("floor");
        Writers.Run floor;
        try (FloorLog log = new FloorLog(path, syncNanos)) {
            Writers.run(writers, each / 3, record, log::append);
            floor = Writers.run(writers, each, record, log::append);
        }
        Run.delete(path);
        Figure yardstick =
                run.report(
                        Figure.yardstick(
                                what + ": a group commit of 60 lines",
                                "SYNCED",
                                floor.perSecond(),
                                Unit.RECORDS_PER_SECOND));
        Path directory = run.fresh("group");
        SlowSyncDisk disk = new SlowSyncDisk(syncNanos);
        try (Journal journal =
                Journal.open(disk.disk(), Clock.system(), directory, JournalSettings.defaults())) {
            Writers.run(writers, each / 3, record, journal::append);
            long before = disk.syncs();
            Writers.Run ours = Writers.run(writers, each, record, journal::append);
            long syncs = disk.syncs() - before;
            new Records().verify(journal, 1);
            run.report(
                    Figure.ours(what, "SYNCED", ours.perSecond(), Unit.RECORDS_PER_SECOND)
                            .beside(yardstick));
            run.report(
                    Figure.ours(
                            what + ", p99 of a call",
                            "SYNCED",
                            ours.figures().percentileMillis(99),
                            Unit.MILLISECONDS));
            run.note("%s: %.1f records a force".formatted(what, (double) writers * each / syncs));
        }
        Run.delete(directory);
    }
}
