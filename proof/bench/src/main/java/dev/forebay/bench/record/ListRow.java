package dev.forebay.bench.record;

import com.sun.management.ThreadMXBean;
import dev.forebay.base.Trigger;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.record.RecordBuffer;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * A buffer in memory, {@code anyOf(moreThan(n), age(200 ms))}, without a codec: one thread adds one
 * record of 100 bytes a call, takes each batch and commits it. In turns with the floor: a list, a
 * lock and a timer. All records that were added come out, counted in each round.
 */
final class ListRow implements Suite.Row {
    private static final Duration AGE = Duration.ofMillis(200);
    private static final byte[] RECORD = new byte[100];

    private final int limit;
    private long seen;

    ListRow(int size) {
        limit = size - 1;
    }

    @Override
    public void measure(Run run) throws InterruptedException {
        int records = run.scale().of(30_000_000, 10_000_000, 1_000_000) / (limit + 1) * (limit + 1);
        int rounds = run.scale().of(7, 4, 3);
        double[] floor = new double[rounds];
        double[] ours = new double[rounds];
        double[] bytes = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            seen = 0;
            floor[round] = floor(records);
            check(records);
            seen = 0;
            long before = allocated();
            ours[round] = ours(records);
            bytes[round] = (allocated() - before) / (double) records;
            check(records);
        }
        String what = "lists of " + (limit + 1);
        Figure yardstick =
                run.report(
                        Figure.yardstick(
                                what + ": a list, a lock and a timer",
                                "–",
                                Medians.of(floor),
                                Unit.RECORDS_PER_SECOND));
        run.report(
                Figure.ours(what, "ACCEPTED", Medians.of(ours), Unit.RECORDS_PER_SECOND)
                        .beside(yardstick));
        run.report(
                Figure.ours(
                        what + ", bytes allocated",
                        "ACCEPTED",
                        Medians.of(bytes),
                        Unit.BYTES_PER_RECORD));
    }

    /** A time limit may have released a list early; its records count all the same. */
    private void check(int records) {
        if (seen != records) {
            throw new IllegalStateException(
                    "expected %d records out of the buffer, found %d".formatted(records, seen));
        }
    }

    private double floor(int records) {
        try (FloorBuffer<byte[]> buffer =
                new FloorBuffer<>(limit, AGE.toNanos(), list -> seen += list.size())) {
            long start = System.nanoTime();
            for (int i = 0; i < records; i++) {
                buffer.add(RECORD);
            }
            long nanos = System.nanoTime() - start;
            buffer.flush();
            return records * 1e9 / nanos;
        }
    }

    private double ours(int records) throws InterruptedException {
        try (RecordBuffer<byte[]> buffer =
                RecordBuffer.<byte[]>of(Trigger.anyOf(Trigger.moreThan(limit), Trigger.age(AGE)))
                        .open()) {
            long start = System.nanoTime();
            for (int i = 0; i < records; i++) {
                buffer.add(RECORD);
                if (i % (limit + 1) == limit) {
                    takeAndCommit(buffer);
                }
            }
            long nanos = System.nanoTime() - start;
            buffer.flush();
            while (takeAndCommit(buffer)) {
                // The batches that a time limit made, and the rest.
            }
            return records * 1e9 / nanos;
        }
    }

    private boolean takeAndCommit(RecordBuffer<byte[]> buffer) throws InterruptedException {
        var batch = buffer.take(Duration.ZERO);
        if (batch.isPresent()) {
            seen += batch.get().size();
            buffer.commit(batch.get());
        }
        return batch.isPresent();
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getCurrentThreadAllocatedBytes();
    }
}
