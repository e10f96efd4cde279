package dev.forebay.bench.record;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.record.Codec;
import dev.forebay.record.RecordBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Reopening a buffer with many waiting batches of one record each, every time by a process of its
 * own; the files are in the page cache. After the last reopening every batch is taken and compared.
 */
final class ReopenRow implements Suite.Row {
    private final boolean million;

    /**
     * @param million whether a million batches wait; otherwise so few that a build whose reopening
     *     is quadratic in the batches can be measured too
     */
    ReopenRow(boolean million) {
        this.million = million;
    }

    @Override
    public void measure(Run run) throws Exception {
        int batches =
                million
                        ? run.scale().of(1_000_000, 1_000_000, 20_000)
                        : run.scale().of(10_000, 3_000, 500);
        Path directory = run.fresh("reopen");
        NumberedRecords records = new NumberedRecords();
        try (RecordBuffer<byte[]> buffer = open(directory, batches)) {
            for (int i = 0; i < batches; i++) {
                buffer.add(records.next(1).getFirst());
            }
        }
        double[] millis = new double[run.scale().of(5, 2, 1)];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = reopen(directory, batches);
        }
        Figure figure =
                Figure.ours(
                        "reopening %d waiting batches of one record".formatted(batches),
                        "–",
                        Medians.of(millis),
                        Unit.MILLISECONDS);
        run.report(million ? figure.goal(3000) : figure);
        try (RecordBuffer<byte[]> buffer = open(directory, batches)) {
            for (int i = 0; i < batches; i++) {
                var batch = buffer.take(Duration.ZERO).orElseThrow();
                records.check(batch.records(), 1);
                buffer.commit(batch);
            }
        }
        Run.delete(directory);
    }

    private static RecordBuffer<byte[]> open(Path directory, int batches) {
        return RecordBuffer.<byte[]>of(Trigger.moreThan(0))
                .journal(directory)
                .codec(Codec.bytes())
                .durability(Durability.WRITTEN)
                .capacity(batches + 1)
                .open();
    }

    private static double reopen(Path directory, int batches)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx3g",
                                "-cp",
                                System.getProperty("java.class.path"),
                                ReopenRow.class.getName(),
                                directory.toString(),
                                Integer.toString(batches))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException("expected the reopening process to end with 0, found " + code);
        }
        return Double.parseDouble(out);
    }

    /** The process that reopens: prints how long it took, in milliseconds. */
    public static void main(String[] arguments) {
        int batches = Integer.parseInt(arguments[1]);
        long before = System.nanoTime();
        try (RecordBuffer<byte[]> buffer = open(Path.of(arguments[0]), batches)) {
            double millis = (System.nanoTime() - before) / 1e6;
            if (buffer.ledger().held() != batches) {
                throw new IllegalStateException(
                        "expected %d held records, found %s".formatted(batches, buffer.ledger()));
            }
            System.out.print(millis);
        }
    }
}
