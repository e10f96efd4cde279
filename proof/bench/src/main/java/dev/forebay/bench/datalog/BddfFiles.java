package dev.forebay.bench.datalog;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.bddf.BddfFile;
import dev.forebay.bddf.BddfStream;
import dev.forebay.bddf.BddfWriter;
import dev.forebay.bddf.Block;
import dev.forebay.bddf.Checksum;
import dev.forebay.bddf.FileDescriptor;
import dev.forebay.bddf.PageIndex;
import dev.forebay.bddf.PageWriter;
import dev.forebay.bddf.SeriesIdentifier;
import dev.forebay.bddf.SeriesType;
import dev.forebay.bddf.Source;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** Writes and reads files of one series of blobs, and checks every blob that is read. */
final class BddfFiles {
    private static final String SPEC = "bosdyn:channel";
    private static final SeriesType TYPE =
            new SeriesType.Message("application/octet-stream", "", false);

    private final Payloads payloads;
    private final int count;

    BddfFiles(int count, int bytes) {
        this.count = count;
        payloads = new Payloads(bytes);
    }

    private static SeriesIdentifier identifier() {
        return new SeriesIdentifier(SPEC, Map.of(SPEC, "bench"));
    }

    /** Writes a file with a checksum of the whole, and leaves it to the system. */
    void write(Path file) throws IOException {
        try (FileChannel out = create(file)) {
            write(out, Checksum.SHA1);
        }
    }

    /** Writes a file without any checksum, and syncs it. */
    void writeUnchecked(Path file) throws IOException {
        try (FileChannel out = create(file)) {
            write(out, Checksum.NONE);
            out.force(false);
        }
    }

    private static FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private void write(FileChannel out, Checksum checksum) throws IOException {
        try (BddfWriter writer = new BddfWriter(out, new FileDescriptor(Map.of(), checksum))) {
            int series = writer.addSeries(identifier(), TYPE);
            for (int i = 0; i < count; i++) {
                writer.write(series, i, payloads.get(i));
            }
        }
    }

    /** Reads from the first byte to the last; the checksum is compared. */
    void readStream(Path file) throws IOException {
        try (FileChannel in = FileChannel.open(file)) {
            BddfStream stream = new BddfStream(in);
            int i = 0;
            for (Block block = stream.next(); block != null; block = stream.next()) {
                payloads.check(i++, block.payload());
            }
            demand(i);
        }
    }

    /** Reads block by block, by the index of the file. */
    void readByIndex(Path file) throws IOException {
        try (DiskFile in = Disk.system().open(file, Disk.Access.READ)) {
            readAll(BddfFile.open(Source.of(in).ahead()));
        }
    }

    private void readAll(BddfFile file) throws IOException {
        int series = file.find(Map.of(SPEC, "bench")).orElseThrow();
        demand(file.series(series).blocks().count());
        for (int i = 0; i < count; i++) {
            payloads.check(i, file.read(series, i).payload());
        }
    }

    private void demand(int found) {
        if (found != count) {
            throw new IllegalStateException("expected %d blobs, found %d".formatted(count, found));
        }
    }

    /** Writes a page and the checksums beside it, as the log does, and syncs both. */
    void writePage(Path page, Path index) throws IOException {
        try (PageWriter writer = PageWriter.create(Disk.system(), page, index, Map.of())) {
            int series = writer.addSeries(identifier(), TYPE, Map.of(), List.of(), "");
            for (int i = 0; i < count; i++) {
                writer.write(series, i, payloads.get(i));
            }
        }
    }

    /** Reads a page by its index; each block's checksum is compared. */
    void readPage(Path page, Path index) throws IOException {
        try (DiskFile in = Disk.system().open(page, Disk.Access.READ);
                DiskFile beside = Disk.system().open(index, Disk.Access.READ)) {
            readAll(BddfFile.open(Source.of(in).ahead(), PageIndex.read(Source.of(beside))));
        }
    }
}
