package dev.forebay.bench.record;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.bench.journal.SlowSyncDisk;
import dev.forebay.record.Codec;
import dev.forebay.record.Ledger;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.RecordBufferBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One thread adds 100 records to a buffer on a journal, takes the batch and commits it, again and
 * again. The records are compared as they come out, and the ledger after a reopening.
 */
final class LockstepRow implements Suite.Row {
    private static final int BATCH = 100;
    private static final double GOAL = 5e6;

    private final Durability durability;
    private final Durability commits;
    private final boolean oneACall;

    LockstepRow(Durability durability, Durability commits, boolean oneACall) {
        this.durability = durability;
        this.commits = commits;
        this.oneACall = oneACall;
    }

    @Override
    public void measure(Run run) throws IOException, InterruptedException {
        Path directory = run.fresh("lockstep");
        NumberedRecords records = new NumberedRecords();
        long millis =
                durability == Durability.WRITTEN
                        ? run.scale().of(5000, 700, 100)
                        : run.scale().of(2000, 400, 100);
        String what =
                "lockstep in batches of 100, "
                        + (oneACall ? "one record a call" : "100 records a call")
                        + (commits == durability ? "" : ", commits " + commits);
        SlowSyncDisk disk = new SlowSyncDisk(0);
        // Counting costs a little on each call of the disk, so only the row of forces counts.
        RecordBufferBuilder<byte[]> builder = builder(directory);
        if (durability == Durability.SYNCED) {
            builder.disk(disk.disk());
        }
        try (RecordBuffer<byte[]> buffer = builder.open()) {
            steps(buffer, records, millis);
            long syncs = disk.syncs();
            long before = System.nanoTime();
            long steps = steps(buffer, records, millis);
            double rate = steps * BATCH * 1e9 / (System.nanoTime() - before);
            syncs = disk.syncs() - syncs;
            Figure figure = Figure.ours(what, durability.toString(), rate, Unit.RECORDS_PER_SECOND);
            run.report(durability == Durability.WRITTEN ? figure.goal(GOAL) : figure);
            if (durability == Durability.SYNCED) {
                long adds = oneACall ? steps * BATCH : steps;
                run.report(
                        Figure.ours(
                                        what + ", forces an add",
                                        durability.toString(),
                                        (double) syncs / adds,
                                        Unit.FORCES_PER_ADD)
                                .goal(1));
            }
        }
        try (RecordBuffer<byte[]> buffer = builder(directory).open()) {
            Ledger ledger = buffer.ledger();
            if (ledger.committed() != records.seen() || ledger.held() != 0 || !ledger.balances()) {
                throw new IllegalStateException(
                        "expected %d records, all committed, found %s"
                                .formatted(records.seen(), ledger));
            }
        }
        Run.delete(directory);
    }

    private RecordBufferBuilder<byte[]> builder(Path directory) {
        RecordBufferBuilder<byte[]> builder =
                RecordBuffer.<byte[]>of(Trigger.moreThan(BATCH - 1))
                        .journal(directory)
                        .codec(Codec.bytes())
                        .durability(durability);
        return commits == durability ? builder : withCommits(builder);
    }

    /** By name, so that the other rows compile against builds that do not have it. */
    @SuppressWarnings("unchecked")
    private RecordBufferBuilder<byte[]> withCommits(RecordBufferBuilder<byte[]> builder) {
        try {
            return (RecordBufferBuilder<byte[]>)
                    RecordBufferBuilder.class
                            .getMethod("commits", Durability.class)
                            .invoke(builder, commits);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this build has no level of commits", e);
        }
    }

    /** Adds, takes and commits for {@code millis}, and returns how many batches that were. */
    private long steps(RecordBuffer<byte[]> buffer, NumberedRecords records, long millis)
            throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        long steps = 0;
        while (System.nanoTime() < end) {
            List<byte[]> added = records.next(BATCH);
            if (oneACall) {
                for (byte[] record : added) {
                    buffer.add(record);
                }
            } else {
                buffer.addAll(added);
            }
            var batch = buffer.take(Duration.ZERO).orElseThrow();
            records.check(batch.records(), BATCH);
            buffer.commit(batch);
            steps++;
        }
        return steps;
    }
}
