package dev.forebay.bench.datalog;

import dev.forebay.bench.Figure;
import dev.forebay.bench.Run;
import dev.forebay.bench.Suite;
import dev.forebay.bench.Unit;
import dev.forebay.datalog.export.ExportReport;
import dev.forebay.datalog.export.LogExport;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Files of blobs of 100 bytes: BDDF by the reference's Python package and by us, with a checksum of
 * the whole, and MCAP without compression by the library of its project and by our export.
 */
final class SmallBlobsRow implements Suite.Row {
    private static final int BYTES = 100;
    private static final double TIMES = 10;

    @Override
    public void measure(Run run) throws Exception {
        int ours = run.scale().of(3_000_000, 1_000_000, 10_000);
        int theirs = run.scale().of(200_000, 100_000, 1_000);
        Path file = run.fresh("ours");
        Path reference = run.fresh("reference");
        Peers peers = new Peers(run);
        boolean there = peers.has("bosdyn.bddf", "bosdyn-core");
        BddfFiles files = new BddfFiles(ours, BYTES);
        row(
                peers,
                "written",
                there
                        ? Optional.of(
                                peers.measure(
                                        "BDDF of 100 B blobs written: the reference",
                                        "bddf-write",
                                        reference,
                                        theirs,
                                        BYTES))
                        : Optional.empty(),
                Rates.of(
                        run,
                        "BDDF of 100 B blobs written",
                        ours,
                        () -> {
                            Files.deleteIfExists(file);
                            files.write(file);
                        }));
        if (there) {
            new BddfFiles(theirs, BYTES).readStream(reference);
        }
        Path small = run.fresh("small");
        new BddfFiles(theirs, BYTES).write(small);
        row(
                peers,
                "read from end to end",
                there
                        ? Optional.of(
                                peers.measure(
                                        "BDDF of 100 B blobs read from end to end: the reference",
                                        "bddf-stream",
                                        small,
                                        theirs,
                                        BYTES))
                        : Optional.empty(),
                Rates.of(
                        run,
                        "BDDF of 100 B blobs read from end to end",
                        ours,
                        () -> files.readStream(file)));
        row(
                peers,
                "read by the index",
                there
                        ? Optional.of(
                                peers.measure(
                                        "BDDF of 100 B blobs read by the index: the reference",
                                        "bddf-read",
                                        small,
                                        theirs,
                                        BYTES))
                        : Optional.empty(),
                Rates.of(
                        run,
                        "BDDF of 100 B blobs read by the index",
                        ours,
                        () -> files.readByIndex(file)));
        mcap(run, peers, file, ours, small, theirs);
        Run.delete(file);
    }

    private static void row(Peers peers, String what, Optional<Figure> peer, double rate) {
        peers.report(
                Figure.ours("BDDF of 100 B blobs " + what, "–", rate, Unit.RECORDS_PER_SECOND),
                peer,
                TIMES);
    }

    private static void mcap(Run run, Peers peers, Path file, int ours, Path small, int theirs)
            throws Exception {
        Path target = run.fresh("mcap");
        double exported = Rates.of(run, "BDDF to MCAP", ours, () -> export(file, target, ours));
        Optional<Figure> written = Optional.empty();
        if (peers.has("mcap", "mcap")) {
            written =
                    Optional.of(
                            peers.measure(
                                    "MCAP of 100 B messages written: Python library of MCAP",
                                    "mcap-write",
                                    run.fresh("peer"),
                                    theirs,
                                    BYTES));
        }
        peers.report(
                Figure.ours(
                        "MCAP of 100 B messages written: our export, BDDF read included",
                        "–",
                        exported,
                        Unit.RECORDS_PER_SECOND),
                written,
                0);
        if (written.isPresent()) {
            export(small, target, theirs);
            run.report(
                    peers.measure(
                            "MCAP of 100 B messages read, from our export: Python library of MCAP",
                            "mcap-read",
                            target,
                            theirs,
                            BYTES));
        }
        Run.delete(target);
    }

    private static void export(Path bddf, Path mcap, int count) throws Exception {
        try (FileChannel in = FileChannel.open(bddf);
                FileChannel out =
                        FileChannel.open(
                                mcap,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE)) {
            ExportReport report = LogExport.mcap(in, out);
            if (report.messages() != count) {
                throw new IllegalStateException("expected %d, found %s".formatted(count, report));
            }
        }
    }
}
