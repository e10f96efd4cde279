package dev.forebay.cli;

import dev.forebay.datalog.export.ExportReport;
import dev.forebay.datalog.export.LogExport;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a log, or a part of it, in a format that other tools open. */
@Command(
        name = "export",
        description = "Write a log as CSV, JSON lines or MCAP, signals decoded.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  forebay log export --file log.bddf --format mcap -o log.mcap",
            "  forebay log export --data DIR --from 1h --schema speed --format csv -o csv"
        },
        mixinStandardHelpOptions = true)
final class LogExportCommand implements Callable<Integer> {
    /** What to write. */
    enum Format {
        CSV,
        JSONL,
        MCAP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Mixin private LogPlace place;
    @Mixin private LogSelection selection;
    @Spec private CommandSpec spec;

    @Option(
            names = "--file",
            paramLabel = "BDDF",
            description = "A BDDF file, whole; instead of --data or --server.")
    private Path file;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description = "What to write: ${COMPLETION-CANDIDATES}.")
    private Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PATH",
            description = "A folder for csv, else a file; for jsonl default or -: standard output.")
    private Path output;

    @Override
    public Integer call() throws IOException {
        if (format != Format.JSONL && DataChannels.isStandard(output)) {
            throw new IllegalArgumentException(
                    format == Format.CSV
                            ? "expected -o FOLDER: CSV is a file for each signal"
                            : "expected -o FILE");
        }
        ExportReport report;
        if (file == null) {
            report = new LogSource(place).read(selection.filter(), this::write).orElse(null);
        } else if (!selection.isAll() || place.isDirectory()) {
            throw new IllegalArgumentException(
                    "--file takes the whole file; filters go with --data or --server");
        } else {
            try (ReadableByteChannel bddf = DataChannels.input(file, Shell.of(spec))) {
                report = BddfFault.named(file, () -> write(bddf));
            }
        }
        if (report == null) {
            Shell.of(spec).err().println("nothing fits; nothing was written");
            return 0;
        }
        Shell.of(spec)
                .err()
                .printf(
                        "exported %d messages and %d ticks of %d signals%n",
                        report.messages(), report.ticks(), report.signals());
        if (report.leftOut() > 0) {
            Shell.of(spec)
                    .err()
                    .printf(
                            "Warning: %d entries have no payload and are not in a BDDF file%n",
                            report.leftOut());
        }
        return 0;
    }

    private ExportReport write(ReadableByteChannel bddf) throws IOException {
        if (format == Format.CSV) {
            return LogExport.csv(bddf, output);
        }
        try (WritableByteChannel target = DataChannels.output(output, Shell.of(spec))) {
            return format == Format.MCAP
                    ? LogExport.mcap(bddf, target)
                    : LogExport.jsonLines(bddf, target);
        }
    }
}
