package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.NoSpaceException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The files of a journal's directory.
 *
 * <pre>
 * lock                      held while open, names the owner's pid
 * 0000000000000001.journal  a segment; it has this name only with a synced header
 * gaps-1                    a segment of gap records that is being made
 * spare-1                   a segment that was trimmed or never used; what it holds is never read
 * checkpoint                a hint
 * aside/                    what could not be read
 * </pre>
 *
 * A spare is renamed, and the directory synced, before its header is overwritten; it becomes a
 * segment after the new header is synced. So no crash leaves a header under another number's name.
 */
final class Store {
    private static final String SUFFIX = ".journal";
    private static final String SPARE = "spare-";
    private static final String GAPS = "gaps-";

    final Disk disk;
    final Path directory;
    private final Clock clock;
    private final Layout layout;

    /** Guards the spares. Held during disk calls, never while the journal's lock is taken. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<Path> spares = new ArrayList<>();

    Store(Disk disk, Clock clock, Path directory, Layout layout) {
        this.disk = disk;
        this.clock = clock;
        this.directory = directory;
        this.layout = layout;
    }

    Path segmentPath(long number) {
        return directory.resolve("%016d".formatted(number) + SUFFIX);
    }

    Path checkpointPath() {
        return directory.resolve("checkpoint");
    }

    Path asidePath() {
        return directory.resolve("aside");
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
        return disk.list(directory).stream()
                .filter(path -> segmentNumber(path) >= 0)
                .sorted(Comparator.comparingLong(Store::segmentNumber))
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

    private void syncDirectory() throws IOException {
        try {
            disk.syncDirectory(directory);
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

    /** Takes over the spares of earlier owners. */
    void adoptSpares() throws IOException {
        lock.lock();
        try {
            for (Path path : disk.list(directory)) {
                if (path.getFileName().toString().startsWith(SPARE)) {
                    spares.add(path);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The highest number that any file bears, so that the next one was never used. */
    long highestNumber() throws IOException {
        long highest = 0;
        for (Path path : disk.list(directory)) {
            highest = Math.max(highest, number(path));
        }
        if (disk.stat(asidePath()).isPresent()) {
            for (Path path : disk.list(asidePath())) {
                String digits = path.getFileName().toString().replaceAll("[^0-9].*", "");
                if (digits.matches("[0-9]{1,18}")) {
                    highest = Math.max(highest, Long.parseLong(digits));
                }
            }
        }
        return highest;
    }

    /** Reads a file's header; null if neither copy is whole. */
    Layout.@Nullable Header header(DiskFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Layout.HEADER);
        int length = file.readFully(bytes, 0);
        return layout.decodeHeader(bytes.array(), length);
    }

    /**
     * Makes segment {@code number} of {@code size} bytes: named, reserved, synced and mapped. If
     * the disk is full, spares are given up for it.
     */
    Segment prepare(long number, long size) throws IOException {
        lock.lock();
        try {
            while (true) {
                try {
                    return make(number, size);
                } catch (NoSpaceException e) {
                    if (spares.size() < 2) {
                        throw e; // The last one was tried; it was short of the size.
                    }
                    disk.delete(spares.removeFirst());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private Segment make(long number, long size) throws IOException {
        boolean fresh = spares.isEmpty();
        Path spare = fresh ? directory.resolve(SPARE + number) : spares.getLast();
        if (fresh && disk.stat(spare).isPresent()) {
            disk.delete(spare); // Left by an attempt that failed.
        }
        DiskFile file = disk.open(spare, fresh ? Disk.Access.CREATE : Disk.Access.WRITE);
        DiskMapping mapping = null;
        boolean done = false;
        try {
            mapping = reserve(file, size);
            Layout.Header header = begin(file, mapping, number);
            Path path = segmentPath(number);
            disk.rename(spare, path);
            if (!fresh) {
                spares.removeLast();
            }
            syncDirectory();
            Segment segment = new Segment(path, header, layout.key(header), size);
            segment.mapping = mapping;
            segment.file = file;
            done = true;
            return segment;
        } finally {
            if (!done) {
                if (mapping != null) {
                    mapping.close();
                }
                file.close();
                if (fresh && disk.stat(spare).isPresent()) {
                    disk.delete(spare);
                }
            }
        }
    }

    private static DiskMapping reserve(DiskFile file, long size) throws IOException {
        file.truncate(size);
        file.allocate(0, size);
        return file.map(0, size);
    }

    /**
     * Puts a durable header in front. Only that is forced: a file that is used again may be full of
     * old bytes that were never synced, which nobody needs.
     */
    private Layout.Header begin(DiskFile file, DiskMapping mapping, long number)
            throws IOException {
        Layout.Header header =
                new Layout.Header(
                        number,
                        ThreadLocalRandom.current().nextLong(),
                        Layout.micros(clock.wall()));
        // Zeros behind it say that there is no frame yet.
        byte[] bytes = Arrays.copyOf(layout.encodeHeader(header), Layout.HEADER + Layout.FRAME);
        file.writeFully(ByteBuffer.wrap(bytes), 0);
        try {
            mapping.force(0, bytes.length);
        } catch (IOException e) {
            throw new SyncFailed(e);
        }
        return header;
    }

    /**
     * Makes segment {@code number} of gap records that stand for {@code missing}. Its number may
     * have been used by a segment that is missing: the salt is a new one.
     */
    Scan.Part writeGaps(long number, Scan.Missing missing, long micros) throws IOException {
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
        Path draft = directory.resolve(GAPS + number);
        if (disk.stat(draft).isPresent()) {
            disk.delete(draft); // An opening that was cut short left it.
        }
        try (DiskFile file = disk.open(draft, Disk.Access.CREATE)) {
            file.writeFully(ByteBuffer.wrap(bytes), 0);
            sync(file);
        }
        Path path = segmentPath(number);
        disk.rename(draft, path);
        syncDirectory();
        Segment segment = new Segment(path, header, key, bytes.length);
        segment.first = missing.from();
        segment.next = missing.until();
        segment.end = bytes.length;
        return new Scan.Part(path, header, segment);
    }

    /** Takes a segment's name away for good; its file becomes a spare or is deleted. */
    void retire(Segment segment, boolean reuse, int spareLimit) throws IOException {
        Path path = segment.path;
        lock.lock();
        try {
            if (reuse && spares.size() < spareLimit) {
                Path spare = directory.resolve(SPARE + segmentNumber(path));
                disk.rename(path, spare);
                syncDirectory();
                spares.add(spare);
            } else {
                disk.delete(path);
                syncDirectory();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Deletes spares beyond {@code limit}. */
    void limitSpares(int limit) throws IOException {
        lock.lock();
        try {
            while (spares.size() > limit) {
                disk.delete(spares.removeLast());
            }
        } finally {
            lock.unlock();
        }
    }

    private void makeAside() throws IOException {
        if (disk.stat(asidePath()).isEmpty()) {
            disk.createDirectory(asidePath());
        }
        syncDirectory();
    }

    private Path freeAside(String name) throws IOException {
        for (int i = 0; ; i++) {
            Path path = asidePath().resolve(i == 0 ? name : name + "-" + i);
            if (disk.stat(path).isEmpty()) {
                return path;
            }
        }
    }

    /** Keeps a copy of bytes that could not be read. */
    void setAside(Path segment, long offset, byte[] bytes) throws IOException {
        makeAside();
        Path path = freeAside(segment.getFileName() + "-" + offset);
        try (DiskFile file = disk.open(path, Disk.Access.CREATE)) {
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
        syncDirectory();
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

    /** Sees to it that later checkpoints need no room. */
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
            syncDirectory();
        }
    }
}
