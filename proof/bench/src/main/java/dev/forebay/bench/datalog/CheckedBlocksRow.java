package dev.forebay.bench.datalog;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the checksum of each block of a page costs, with blobs of 10 KiB. */
final class CheckedBlocksRow implements Suite.Row {
    private static final int BYTES = 10 << 10;
    private static final double GOAL = 0.7;

    @Override
    public void measure(Run run) throws Exception {
        int count = run.scale().of(30_000, 10_000, 200);
        BddfFiles files = new BddfFiles(count, BYTES);
        Path plain = run.fresh("plain");
        Path page = run.fresh("page");
        Path index = run.fresh("index");
        report(
                run,
                "written",
                "SYNCED",
                rate(
                        run,
                        "written, no CRC",
                        count,
                        () -> {
                            Files.deleteIfExists(plain);
                            files.writeUnchecked(plain);
                        }),
                rate(
                        run,
                        "written, CRC of each",
                        count,
                        () -> {
                            Files.deleteIfExists(page);
                            Files.deleteIfExists(index);
                            files.writePage(page, index);
                        }));
        report(
                run,
                "read",
                "–",
                rate(run, "read, no CRC", count, () -> files.readByIndex(plain)),
                rate(run, "read, CRC of each", count, () -> files.readPage(page, index)));
        Run.delete(plain);
        Run.delete(page);
        Run.delete(index);
    }

    private static double rate(Run run, String what, int count, Rates.Round round)
            throws Exception {
        return BYTES * Rates.of(run, "BDDF of 10 KiB blobs " + what, count, round);
    }

    private static void report(Run run, String how, String level, double without, double with) {
        String what = "BDDF of 10 KiB blobs " + how;
        Figure plain =
                run.report(Figure.ours(what + ", no CRC", level, without, Unit.BYTES_PER_SECOND));
        run.report(
                Figure.ours(what + ", a CRC of each block", level, with, Unit.BYTES_PER_SECOND)
                        .beside(plain)
                        .goal(GOAL * without));
    }
}
