package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.NoSpaceException;
import dev.forebay.journal.JournalDirectory.SyncFailed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes segment files and takes them away, and keeps some of them as spares in between.
 *
 * <p><b>Guarantee.</b> A spare is renamed, and the directory synced, before its header is
 * overwritten; it becomes a segment after the new header is synced. So no crash leaves a header
 * under the name of another number.
 *
 * <p><b>Threads.</b> Safe for use by many: {@link SegmentSupply} makes, {@link Retention} retires.
 * Its lock is held during disk calls, and no other lock is taken under it.
 */
final class SegmentFiles {
    private final JournalDirectory directory;
    private final Disk disk;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Layout layout = new Layout();

    @GuardedBy("lock")
    private final List<Path> spares = new ArrayList<>();

    SegmentFiles(JournalDirectory directory) {
        this.directory = directory;
        this.disk = directory.disk;
    }

    /** Takes over the spares of earlier owners. */
    void adoptSpares() throws IOException {
        lock.lock();
        try {
            spares.addAll(directory.spares());
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

    /**
     * Makes segment {@code number} of {@code size} bytes: named, reserved, synced and mapped. If
     * the disk is full, spares are given up for it.
     */
    MappedSegment make(long number, long size) throws IOException {
        lock.lock();
        try {
            while (true) {
                try {
                    return attempt(number, size);
                } catch (NoSpaceException e) {
                    if (spares.size() < 2) {
                        throw e; // The last spare was tried; it is shorter than a segment.
                    }
                    disk.delete(spares.removeFirst());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private MappedSegment attempt(long number, long size) throws IOException {
        boolean fresh = spares.isEmpty();
        Path spare = fresh ? directory.sparePath(number) : spares.getLast();
        if (fresh && disk.stat(spare).isPresent()) {
            disk.delete(spare); // An attempt that failed left it.
        }
        DiskFile file = disk.open(spare, fresh ? Disk.Access.CREATE : Disk.Access.WRITE);
        try {
            return attempt(number, size, spare, fresh, file);
        } catch (Throwable e) {
            try (Closing all = new Closing()) {
                all.then(file::close);
                all.then(() -> deleteFresh(spare, fresh));
            } catch (Throwable also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    private void deleteFresh(Path spare, boolean fresh) throws IOException {
        if (fresh && disk.stat(spare).isPresent()) {
            disk.delete(spare);
        }
    }

    @GuardedBy("lock")
    private MappedSegment attempt(long number, long size, Path spare, boolean fresh, DiskFile file)
            throws IOException {
        file.truncate(size);
        file.allocate(0, size);
        DiskMapping mapping = file.map(0, size);
        try {
            Layout.Header header = writeHeader(file, mapping, number);
            Path path = directory.segmentPath(number);
            disk.rename(spare, path);
            if (!fresh) {
                spares.removeLast();
            }
            directory.sync();
            Segment segment = new Segment(path, header, layout.key(header), size);
            return new MappedSegment(segment, file, mapping);
        } catch (Throwable e) {
            mapping.close();
            throw e;
        }
    }

    /**
     * Puts a durable header in front. Only the header is forced: a file that is used again may be
     * full of old bytes that were never synced and that no one reads.
     */
    @GuardedBy("lock")
    private Layout.Header writeHeader(DiskFile file, DiskMapping mapping, long number)
            throws IOException {
        Layout.Header header =
                new Layout.Header(
                        number, ThreadLocalRandom.current().nextLong(), directory.nowMicros());
        // The zeros behind the header say that there is no frame yet.
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
     * Takes a segment's name away for good. Its file becomes a spare if it may be {@code reused}
     * and there are fewer than {@code spareLimit}; else it is deleted.
     */
    void retire(Path path, boolean reused, int spareLimit) throws IOException {
        lock.lock();
        try {
            if (disk.stat(path).isEmpty()) {
                return; // An attempt that failed got as far as that.
            }
            if (reused && spares.size() < spareLimit) {
                Path spare = directory.sparePath(JournalDirectory.segmentNumber(path));
                disk.rename(path, spare);
                directory.sync();
                spares.add(spare);
            } else {
                disk.delete(path);
                directory.sync();
            }
        } finally {
            lock.unlock();
        }
    }
}
