package dev.forebay.cli;

import dev.forebay.base.DamagedException;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.bddf.BddfException;
import dev.forebay.bddf.BddfFile;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.PageIndex;
import dev.forebay.bddf.Source;
import dev.forebay.wire.PlainJson;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Reads every block of a file or of all pages of a log, and compares all checksums. Changes
 * nothing. A page that was not completed is no damage: it is one that is written, or that the next
 * opening recovers.
 */
@Command(
        name = "verify",
        description = "Read and check a BDDF file or a whole log; exit code 3 if it is damaged.",
        footerHeading = "%nExample:%n",
        footer = "  forebay log verify --file log.bddf || forebay log recover --file log.bddf",
        mixinStandardHelpOptions = true)
final class LogVerifyCommand implements Callable<Integer> {
    @Option(names = "--file", paramLabel = "BDDF", description = "A BDDF file.")
    private Path file;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory of a server, running or not.")
    private Path data;

    @Spec private CommandSpec spec;

    private long blocks;
    private long unfinished;

    /** Whether the damage is that of one file which may be recovered. */
    private boolean recoverable;

    private final List<Object> damage = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        if ((file == null) == (data == null)) {
            throw new IllegalArgumentException("expected --file BDDF or --data DIR");
        }
        Map<String, Object> found = new LinkedHashMap<>();
        if (file != null) {
            file(file);
        } else {
            found.put("pages", pages(data.resolve("log").resolve("pages")));
            found.put("unfinished", unfinished);
        }
        found.put("blocks", blocks);
        found.put("damage", damage);
        Shell.of(spec).out().println(PlainJson.writeIndented(found));
        if (!damage.isEmpty()) {
            throw new DamagedException(
                    "%s damaged; the list above says where%s"
                            .formatted(
                                    damage.size() == 1
                                            ? "one place is"
                                            : damage.size() + " places are",
                                    recoverable ? "; " + next() : ""));
        }
        return 0;
    }

    private String next() {
        return "'forebay log recover --file %s' keeps what is whole".formatted(file);
    }

    private void file(Path path) throws IOException {
        try (ReadableByteChannel in = DataChannels.input(path, Shell.of(spec))) {
            BddfStream stream = new BddfStream(in);
            while (stream.next() != null) {
                blocks++;
            }
        } catch (BddfException e) {
            recoverable = e.fault() != BddfException.Fault.NOT_BDDF;
            damaged(path, e);
        }
    }

    private void damaged(Path path, BddfException e) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("file", path.toString());
        row.put("fault", e.fault().name());
        row.put("reason", String.valueOf(e.getMessage()));
        damage.add(row);
    }

    private int pages(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    "there is no log in %s; name the data directory of a server".formatted(data));
        }
        List<Path> pages;
        try (Stream<Path> all = Files.list(folder)) {
            pages =
                    all.filter(path -> path.getFileName().toString().matches("[0-9]+\\.bddf"))
                            .sorted()
                            .toList();
        }
        for (Path page : pages) {
            page(page);
        }
        return pages.size();
    }

    private void page(Path path) throws IOException {
        Path index = path.resolveSibling(path.getFileName().toString().replace(".bddf", ".index"));
        Disk disk = Disk.system();
        try (DiskFile page = disk.open(path, Disk.Access.READ);
                DiskFile beside = disk.open(index, Disk.Access.READ)) {
            blocks(path, BddfFile.open(Source.of(page), PageIndex.read(Source.of(beside))));
        } catch (BddfException e) {
            if (e.fault() == BddfException.Fault.CUT) {
                unfinished++;
            } else {
                damaged(path, e);
            }
        }
    }

    private void blocks(Path path, BddfFile page) throws IOException {
        for (int series = 0; series < page.identifiers().size(); series++) {
            for (int i = 0; i < page.series(series).blocks().count(); i++) {
                try {
                    page.read(series, i);
                    blocks++;
                } catch (BddfException e) {
                    damaged(path, e);
                }
            }
        }
    }
}
