package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The names and the small files of a journal's directory.
 *
 * <pre>
 * lock                      held while the journal is open, names the owner's pid
 * 0000000000000001.journal  a segment; it has this name only with a synced header
 * spare-2                   a segment that was trimmed or never used; its frames are never read
 * gaps-3                    a segment of gap records that is being made
 * checkpoint                a hint, see {@link Checkpoint}
 * aside/                    copies of what could not be read
 * </pre>
 *
 * <p><b>Threads.</b> It holds no state but the files. The opening and {@link Retention}, one at a
 * time, call what changes them. All methods block for the disk.
 */
final class JournalDirectory {
    private static final String SUFFIX = ".journal";
    private static final String SPARE = "spare-";
    private static final String GAPS = "gaps-";

    final Disk disk;
    final Path path;
    private final Clock clock;

    JournalDirectory(Disk disk, Clock clock, Path path) {
        this.disk = disk;
        this.clock = clock;
        this.path = path;
    }

    /** The time of day as frames and headers hold it. */
    long nowMicros() {
        return Layout.micros(clock.wall());
    }

    Path segmentPath(long number) {
        return path.resolve("%016d".formatted(number) + SUFFIX);
    }

    Path sparePath(long number) {
        return path.resolve(SPARE + number);
    }

    private Path checkpointPath() {
        return path.resolve("checkpoint");
    }

    private Path asidePath() {
        return path.resolve("aside");
    }

    /** The number in a segment's or a spare's name, or -1 if it is neither. */
    private static long number(Path path) {
        String name = path.getFileName().toString();
        String digits = name;
        if (name.endsWith(SUFFIX)) {
            digits = name.substring(0, name.length() - SUFFIX.length());
        } else if (name.startsWith(SPARE)) {
            digits = name.substring(SPARE.length());
        }
        return digits.matches("[0-9]{1,18}") && !digits.equals(name) ? Long.parseLong(digits) : -1;
    }

    static long segmentNumber(Path path) {
        return path.getFileName().toString().endsWith(SUFFIX) ? number(path) : -1;
    }

    /** The segments' files in order. */
    List<Path> segments() throws IOException {
        return disk.list(path).stream()
                .filter(file -> segmentNumber(file) >= 0)
                .sorted(Comparator.comparingLong(JournalDirectory::segmentNumber))
                .toList();
    }

    /** The spares of earlier owners, the oldest last. */
    List<Path> spares() throws IOException {
        return disk.list(path).stream()
                .filter(file -> file.getFileName().toString().startsWith(SPARE))
                .sorted(Comparator.comparingLong(JournalDirectory::number).reversed())
                .toList();
    }

    /**
     * A sync failed: nothing is known of what was to be durable, and a later success proves
     * nothing.
     */
    static final class SyncFailed extends IOException {
        SyncFailed(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Makes the names in the directory durable. */
    void sync() throws IOException {
        try {
            disk.syncDirectory(path);
        } catch (IOException e) {
            throw new SyncFailed(e);
        }
    }

    private static void sync(DiskFile file) throws IOException {
        try {
            file.sync();
        } catch (IOException e) {
            throw new SyncFailed(e);
        }
    }

    /** The highest number in any file name. A number above it was never used. */
    long highestNumber() throws IOException {
        long highest = 0;
        for (Path file : disk.list(path)) {
            highest = Math.max(highest, number(file));
        }
        if (disk.stat(asidePath()).isPresent()) {
            for (Path file : disk.list(asidePath())) {
                String digits = file.getFileName().toString().replaceAll("[^0-9].*", "");
                if (digits.matches("[0-9]{1,18}")) {
                    highest = Math.max(highest, Long.parseLong(digits));
                }
            }
        }
        return highest;
    }

    /** The header of a file, or null if neither copy of it is whole. */
    static Layout.@Nullable Header header(DiskFile file, Layout layout) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Layout.HEADER);
        int length = file.readFully(bytes, 0);
        return layout.decodeHeader(bytes.array(), length);
    }

    /**
     * Makes segment {@code number} of gap records that stand for {@code missing}. Its number may
     * have been used by a segment that is missing: the salt is a new one.
     */
    Scan.Part writeGaps(long number, Scan.Missing missing, Layout layout) throws IOException {
        long micros = nowMicros();
        Layout.Header header =
                new Layout.Header(number, ThreadLocalRandom.current().nextLong(), micros);
        long key = layout.key(header);
        int gaps = (int) ((missing.until() - missing.from() - 1) / Layout.LARGEST_GAP + 1);
        byte[] bytes =
                Arrays.copyOf(layout.encodeHeader(header), Layout.HEADER + gaps * Layout.FRAME);
        int at = Layout.HEADER;
        for (long from = missing.from(); from < missing.until(); from += Layout.LARGEST_GAP) {
            long count = Math.min(missing.until() - from, Layout.LARGEST_GAP);
            layout.encodeFrame(bytes, at, 0, key, at, from, micros, Layout.GAP, count);
            at += Layout.FRAME;
        }
        Path draft = path.resolve(GAPS + number);
        if (disk.stat(draft).isPresent()) {
            disk.delete(draft); // An opening that was cut short left it.
        }
        try (DiskFile target = disk.open(draft, Disk.Access.CREATE)) {
            target.writeFully(ByteBuffer.wrap(bytes), 0);
            sync(target);
        }
        Path file = segmentPath(number);
        disk.rename(draft, file);
        sync();
        Segment segment = new Segment(file, header, key, bytes.length);
        segment.begin(missing.from());
        segment.publish(missing.until(), bytes.length);
        return new Scan.Part(file, header, segment);
    }

    private void makeAside() throws IOException {
        if (disk.stat(asidePath()).isEmpty()) {
            disk.createDirectory(asidePath());
        }
        sync();
    }

    private Path freeAside(String name) throws IOException {
        for (int i = 0; ; i++) {
            Path free = asidePath().resolve(i == 0 ? name : name + "-" + i);
            if (disk.stat(free).isEmpty()) {
                return free;
            }
        }
    }

    /** Keeps a copy of bytes that could not be read. */
    void setAside(Path segment, long offset, byte[] bytes) throws IOException {
        makeAside();
        Path copy = freeAside(segment.getFileName() + "-" + offset);
        try (DiskFile file = disk.open(copy, Disk.Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(bytes), 0);
            sync(file);
        }
        disk.syncDirectory(asidePath());
    }

    /** Moves a whole file that could not be read. */
    void setAside(Path segment) throws IOException {
        makeAside();
        disk.rename(segment, freeAside(segment.getFileName().toString()));
        disk.syncDirectory(asidePath());
        sync();
    }

    @Nullable Checkpoint readCheckpoint() throws IOException {
        if (disk.stat(checkpointPath()).isEmpty()) {
            return null;
        }
        try (DiskFile file = disk.open(checkpointPath(), Disk.Access.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(Checkpoint.BYTES);
            file.readFully(bytes, 0);
            return Checkpoint.decode(bytes.flip());
        }
    }

    /** Makes the checkpoint file if it is not there: later checkpoints need no room then. */
    void reserveCheckpoint(Checkpoint first) throws IOException {
        long there = disk.stat(checkpointPath()).map(Disk.Entry::size).orElse(0L);
        if (there < Checkpoint.BYTES) {
            writeCheckpoint(first, false);
        }
    }

    void writeCheckpoint(Checkpoint checkpoint, boolean sync) throws IOException {
        boolean there = disk.stat(checkpointPath()).isPresent();
        try (DiskFile file =
                disk.open(checkpointPath(), there ? Disk.Access.WRITE : Disk.Access.CREATE)) {
            file.writeFully(checkpoint.encode(), 0);
            if (sync) {
                sync(file);
            }
        }
        if (sync) {
            sync();
        }
    }
}
