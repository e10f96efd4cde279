package dev.forebay.bench.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Medians;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One platform thread appends at {@code SYNCED}, in turns with the bare write and {@code fdatasync}
 * of as many bytes.
 */
final class SyncedRow implements Suite.Row {
    /** A record of 100 bytes with what the journal puts around it. */
    private static final int FRAME = 136;

    private static final int FILE_MIB = 64;

    @Override
    public void measure(Run run) throws IOException {
        int count = run.scale().of(3000, 1000, 100);
        int rounds = run.scale().of(6, 5, 3);
        double[] ours = new double[rounds];
        double[] plain = new double[rounds];
        Records records = new Records();
        Path directory = run.fresh("synced");
        Path path = run.fresh("plain");
        try (Journal journal =
                        Journal.open(
                                Disk.system(),
                                Clock.system(),
                                directory,
                                JournalSettings.defaults());
                FileChannel file =
                        FileChannel.open(
                                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            // The file has its blocks, as the journal's segments have.
            for (int i = 0; i < FILE_MIB; i++) {
                file.write(ByteBuffer.allocate(1 << 20), (long) i << 20);
            }
            file.force(true);
            long at = 0;
            for (int round = 0; round < rounds; round++) {
                long before = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    journal.append(records.get(round * count + i));
                }
                ours[round] = count * 1e9 / (System.nanoTime() - before);
                before = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    at += file.write(ByteBuffer.allocate(FRAME), at);
                    file.force(false);
                }
                plain[round] = count * 1e9 / (System.nanoTime() - before);
            }
            records.verify(journal, Records.COUNT);
        }
        Figure yardstick =
                run.report(
                        Figure.yardstick(
                                "one writer: write and fdatasync",
                                "SYNCED",
                                Medians.of(plain),
                                Unit.RECORDS_PER_SECOND));
        run.report(
                Figure.ours("one writer", "SYNCED", Medians.of(ours), Unit.RECORDS_PER_SECOND)
                        .beside(yardstick));
        Run.delete(directory);
        Run.delete(path);
    }
}
