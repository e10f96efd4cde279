package dev.forebay.bench.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.journal.Journal;
import dev.forebay.journal.JournalSettings;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A journal that grows: one thread appends at {@code WRITTEN} and nothing is trimmed, so that every
 * byte goes to a new file. Beside it the same bytes through a buffered stream of 64 KiB into one
 * file. Each is done once over an eighth of the records first, for the compiler.
 */
final class GrowingRow implements Suite.Row {
    private static final double GOAL = 10e6;

    private final int perCall;

    GrowingRow(int perCall) {
        this.perCall = perCall;
    }

    @Override
    public void measure(Run run) throws IOException {
        int count = run.scale().of(16_000_000, 8_000_000, 400_000);
        Records records = new Records();
        plain(run, records, count / 8);
        Figure plain =
                run.report(
                        Figure.yardstick(
                                "a plain buffered write, %s".formatted(name()),
                                "WRITTEN",
                                plain(run, records, count),
                                Unit.RECORDS_PER_SECOND));
        grow(run, records, count / 8);
        run.report(
                Figure.ours(
                                "a growing journal, %s".formatted(name()),
                                "WRITTEN",
                                grow(run, records, count),
                                Unit.RECORDS_PER_SECOND)
                        .beside(plain)
                        .goal(GOAL));
    }

    private String name() {
        return perCall == 1 ? "one record a call" : perCall + " records a call";
    }

    private double grow(Run run, Records records, int count) throws IOException {
        Path directory = run.fresh("growing");
        List<List<byte[]>> lists = records.lists(perCall);
        double rate;
        try (Journal journal =
                Journal.open(
                        Disk.system(), Clock.system(), directory, JournalSettings.defaults())) {
            long before = System.nanoTime();
            for (int i = 0; i < count / perCall; i++) {
                if (perCall == 1) {
                    journal.append(records.get(i), 0, Durability.WRITTEN);
                } else {
                    journal.append(lists.get(i % lists.size()), 0, Durability.WRITTEN);
                }
            }
            rate = count * 1e9 / (System.nanoTime() - before);
            if (journal.next() - journal.first() != count) {
                throw new IllegalStateException(
                        "expected %d records in the journal, found %d"
                                .formatted(count, journal.next() - journal.first()));
            }
            records.verify(journal, Records.COUNT);
        }
        Run.delete(directory);
        return rate;
    }

    private double plain(Run run, Records records, int count) throws IOException {
        Path path = run.fresh("plain");
        byte[][] calls =
                records.lists(perCall).stream().map(GrowingRow::joined).toArray(byte[][]::new);
        long before = System.nanoTime();
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 64 << 10)) {
            for (int i = 0; i < count / perCall; i++) {
                out.write(calls[i % calls.length]);
            }
        }
        double rate = count * 1e9 / (System.nanoTime() - before);
        verify(path, joined(records.all()), (long) count * Records.SIZE);
        Run.delete(path);
        return rate;
    }

    private static byte[] joined(List<byte[]> records) {
        byte[] bytes = new byte[records.size() * Records.SIZE];
        for (int i = 0; i < records.size(); i++) {
            System.arraycopy(records.get(i), 0, bytes, i * Records.SIZE, Records.SIZE);
        }
        return bytes;
    }

    /** Compares the file with {@code pattern}, over and over. */
    private static void verify(Path path, byte[] pattern, long size) {
        try (InputStream in = Files.newInputStream(path)) {
            long left = size;
            while (left > 0) {
                byte[] read = in.readNBytes((int) Math.min(pattern.length, left));
                if (!Arrays.equals(read, 0, read.length, pattern, 0, read.length)
                        || read.length == 0) {
                    throw new IllegalStateException(
                            "expected the bytes that were written, found others, %d bytes before the end of %s"
                                    .formatted(left, path));
                }
                left -= read.length;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
