package dev.forebay.cli;

import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.Block;
import dev.forebay.bddf.SeriesType;
import dev.forebay.datalog.DownloadFilter;
import dev.forebay.datalog.TimeRange;
import dev.forebay.datalog.export.ExportReport;
import dev.forebay.datalog.export.KnownMessages;
import dev.forebay.datalog.export.LogExport;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Writes a case file: everything near a comment, an event or a time, as a folder with {@code
 * log.bddf}, the same as {@code log.mcap}, and {@code manifest.json} with counts and digests. The
 * manifest is written last, so a folder without it is not whole.
 */
@Command(
        name = "bundle",
        description = "Write everything near a comment, an event or a time into one folder.",
        footerHeading = "%nExample:%n",
        footer =
                "  forebay log bundle --data DIR --around 'knee is hot' --before 1m --after 10s -o case",
        mixinStandardHelpOptions = true)
final class LogBundleCommand implements Callable<Integer> {
    private static final int PIECE = 1 << 16;

    @Mixin private LogPlace place;
    @Spec private CommandSpec spec;

    @Option(
            names = "--around",
            required = true,
            paramLabel = "WHAT",
            description =
                    "A time, the id or type of an event, or a part of a comment; the newest that fits.")
    private String around;

    @Option(
            names = "--before",
            paramLabel = "D",
            converter = OptionValues.Time.class,
            description = "How much in front of it, such as 90s; default: 1m.")
    private Duration before = Duration.ofMinutes(1);

    @Option(
            names = "--after",
            paramLabel = "D",
            converter = OptionValues.Time.class,
            description = "How much behind it; default: 1m.")
    private Duration after = Duration.ofMinutes(1);

    @Option(
            names = {"-o", "--output"},
            required = true,
            paramLabel = "FOLDER",
            description = "The folder, which must not be there or be empty.")
    private Path output;

    /** What the bundle is around. */
    private record Mark(String what, long from, long to) {}

    @Override
    public Integer call() throws IOException {
        if (around.isBlank()) {
            throw new IllegalArgumentException(
                    "--around is empty; expected a time, the id or type of an event, or a part of a comment");
        }
        Mark mark = mark();
        TimeRange range =
                new TimeRange(
                        saturated(mark.from, -before.toNanos()),
                        saturated(mark.to, after.toNanos()));
        Files.createDirectories(output);
        try (Stream<Path> there = Files.list(output)) {
            if (there.findAny().isPresent()) {
                throw new IOException(output + " is not empty; name a new folder");
            }
        }
        Path bddf = output.resolve("log.bddf");
        Optional<Long> copied =
                new LogSource(place)
                        .read(
                                DownloadFilter.all(range),
                                in -> Files.copy(Channels.newInputStream(in), bddf));
        if (copied.isEmpty()) {
            Files.delete(output);
            throw new IOException(
                    "nothing is between %s and %s; give a longer --before or --after"
                            .formatted(LogTime.text(range.from()), LogTime.text(range.to())));
        }
        Path mcap = output.resolve("log.mcap");
        ExportReport report;
        try (FileChannel in = FileChannel.open(bddf);
                FileChannel out =
                        FileChannel.open(
                                mcap, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            report = LogExport.mcap(in, out);
        }
        writeManifest(mark, range, report, List.of(bddf, mcap));
        Shell.of(spec)
                .err()
                .printf(
                        "bundled %d messages and %d ticks of %d signals around %s%n",
                        report.messages(), report.ticks(), report.signals(), mark.what);
        return 0;
    }

    private static long saturated(long time, long change) {
        long sum = time + change;
        boolean over = ((time ^ sum) & (change ^ sum)) < 0;
        return over ? change < 0 ? Long.MIN_VALUE : Long.MAX_VALUE : sum;
    }

    private void writeManifest(Mark mark, TimeRange range, ExportReport report, List<Path> files)
            throws IOException {
        Map<String, Object> manifest = new LinkedHashMap<>();
        manifest.put("around", mark.what);
        manifest.put("from", LogTime.text(range.from()));
        manifest.put("to", LogTime.text(range.to()));
        manifest.put("from_ns", range.from());
        manifest.put("to_ns", range.to());
        manifest.put("messages", report.messages());
        manifest.put("ticks", report.ticks());
        manifest.put("signals", report.signals());
        manifest.put("withoutPayload", report.leftOut());
        Map<String, Object> digests = new LinkedHashMap<>();
        for (Path file : files) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("bytes", Files.size(file));
            row.put("sha256", sha256(file));
            digests.put(file.getFileName().toString(), row);
        }
        manifest.put("files", digests);
        Path staged = output.resolve("manifest.json.new");
        Files.writeString(staged, PlainJson.writeIndented(manifest) + "\n");
        Files.move(staged, output.resolve("manifest.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String sha256(Path file) throws IOException {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
                byte[] piece = new byte[PIECE];
                while (in.read(piece) >= 0) {
                    // The digest takes the bytes.
                }
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private Mark mark() throws IOException {
        if (around.matches("-?[0-9]{10,19}|[0-9]{4}-.*T.*")) {
            long time = LogTime.parse(around);
            return new Mark(LogTime.text(time), time, time);
        }
        Optional<Mark> newest =
                new LogSource(place)
                        .read(
                                new DownloadFilter(
                                        TimeRange.ALL,
                                        Set.of(KnownMessages.COMMENT, KnownMessages.EVENT),
                                        Set.of(),
                                        Set.of(),
                                        Set.of(),
                                        OptionalInt.empty(),
                                        Set.of()),
                                in -> newest(new BddfStream(in)))
                        .flatMap(found -> found);
        return newest.orElseThrow(() ->
                new IOException(
                        "no comment has '%s' in it, and no event has it as its id or type; 'forebay log events' shows them"
                                .formatted(around)));
    }

    private Optional<Mark> newest(BddfStream marks) throws IOException {
        Optional<Mark> newest = Optional.empty();
        for (Block block = marks.next(); block != null; block = marks.next()) {
            Optional<Mark> mark = mark(block);
            if (mark.isPresent() && newest.map(last -> last.from <= mark.get().from).orElse(true)) {
                newest = mark;
            }
        }
        return newest;
    }

    private Optional<Mark> mark(Block block) {
        if (!(block.series().type() instanceof SeriesType.Message type)) {
            return Optional.empty();
        }
        Map<String, ?> message =
                KnownMessages.decode(type.typeName(), block.payload()).orElse(Map.of());
        if (type.typeName().equals(KnownMessages.COMMENT)) {
            String text = String.valueOf(message.get("message"));
            return text.contains(around)
                    ? Optional.of(new Mark("comment '" + text + "'", block.nanos(), block.nanos()))
                    : Optional.empty();
        }
        boolean fits = around.equals(message.get("id")) || around.equals(message.get("type"));
        if (!fits) {
            return Optional.empty();
        }
        Object end = message.get("end_time");
        long to = end == null ? block.nanos() : LogTime.nanos(Instant.parse(end.toString()));
        return Optional.of(
                new Mark("event '" + around + "'", block.nanos(), Math.max(to, block.nanos())));
    }
}
