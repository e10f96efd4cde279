package dev.forebay.bench.record;

import dev.forebay.base.Trigger;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Figures;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.record.RecordBuffer;
import java.time.Duration;
import java.util.Arrays;

/** How late a lonely record is released by its age, measured by the thread that waits for it. */
final class AgeRow implements Suite.Row {
    private static final byte[] RECORD = new byte[100];

    @Override
    public void measure(Run run) throws InterruptedException {
        Duration age = Duration.ofMillis(run.scale().of(200, 20, 20));
        int records = run.scale().of(100, 60, 20);
        Figures late = new Figures();
        try (RecordBuffer<byte[]> buffer = RecordBuffer.<byte[]>of(Trigger.age(age)).open()) {
            for (int i = 0; i < records; i++) {
                long start = System.nanoTime();
                buffer.add(RECORD);
                var batch = buffer.take(Duration.ofSeconds(10)).orElseThrow();
                long nanos = System.nanoTime() - start - age.toNanos();
                if (nanos < 0 || !Arrays.equals(batch.records().getFirst(), RECORD)) {
                    throw new IllegalStateException(
                            "expected the record at its age or later, found %s %d ns late"
                                    .formatted(batch, nanos));
                }
                late.add(nanos);
                buffer.commit(batch);
            }
        }
        String what = "lateness of an age of %d ms".formatted(age.toMillis());
        run.report(
                Figure.ours(
                        what + ", p50", "ACCEPTED", late.percentileMillis(50), Unit.MILLISECONDS));
        run.report(
                Figure.ours(
                                what + ", p99",
                                "ACCEPTED",
                                late.percentileMillis(99),
                                Unit.MILLISECONDS)
                        .goal(3));
    }
}
