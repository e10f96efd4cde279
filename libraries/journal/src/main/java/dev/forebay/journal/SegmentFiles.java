package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Closing;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.NoSpaceException;
import dev.forebay.journal.JournalDirectory.SyncFailed;
import dev.forebay.journal.SegmentIndex.Freed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
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
 * Its lock is held during the disk calls that make segments, and no other lock is taken under it.
 */
final class SegmentFiles {
    /**
     * A spare is not cut by this many bytes or more. A file system that discards freed blocks on
     * the device takes milliseconds to cut a file, and an opening would wait for that.
     */
    private static final long COSTLY = 4 << 20;

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

    /**
     * Takes over the spares of earlier owners. One that was killed may have renamed them without
     * syncing the directory, so that a power cut would bring their old names back.
     */
    void adoptSpares() throws IOException {
        lock.lock();
        try {
            spares.addAll(directory.spares());
            if (!spares.isEmpty()) {
                directory.sync();
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

    /** A segment that has its room and its header, and not yet its name. */
    private record Draft(Path spare, boolean fresh, MappedSegment mapped) {
        Path path() {
            return mapped.segment().path;
        }
    }

    /**
     * Makes up to {@code count} segments of {@code size} bytes, numbered from {@code number} on:
     * named, reserved, synced and mapped. One that is made from a much larger spare keeps its size,
     * up to {@code largest}: see {@link #COSTLY}. If the disk is full, spares are given up for the
     * first; there are fewer than {@code count} if it has no room for more.
     *
     * <p>Each sync waits for a commit of the file system, which writes what others have dirtied:
     * tens of milliseconds while much is appended, the time in which a segment is filled. All
     * segments of one call share these commits.
     */
    List<MappedSegment> make(long number, long size, long largest, int count) throws IOException {
        List<Draft> drafts = new ArrayList<>();
        lock.lock();
        try {
            drafts.add(first(number, size, largest));
            boolean room = true;
            while (room && drafts.size() < count) {
                room = another(number + drafts.size(), size, largest, drafts);
            }
            for (Draft draft : drafts) {
                syncHeader(draft);
            }
            for (Draft draft : drafts) {
                disk.rename(draft.spare, draft.path());
            }
            directory.sync();
            return drafts.stream().map(Draft::mapped).toList();
        } catch (Throwable e) {
            for (Draft draft : drafts) {
                abandon(e, draft.spare, draft.fresh, draft.mapped::close);
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Draft first(long number, long size, long largest) throws IOException {
        while (true) {
            boolean last = spares.size() < 2;
            try {
                return draft(number, size, largest);
            } catch (NoSpaceException e) {
                if (last) {
                    throw e; // The last spare was tried; it is shorter than a segment.
                }
                disk.delete(spares.removeFirst());
            }
        }
    }

    /** Adds one more draft, if there is room for it without giving up a spare. */
    @GuardedBy("lock")
    private boolean another(long number, long size, long largest, List<Draft> drafts)
            throws IOException {
        try {
            return drafts.add(draft(number, size, largest));
        } catch (NoSpaceException e) {
            return false; // What was made will do; the next attempt reports it if it still is so.
        }
    }

    @GuardedBy("lock")
    private Draft draft(long number, long size, long largest) throws IOException {
        boolean fresh = spares.isEmpty();
        Path spare = fresh ? directory.sparePath(number) : spares.getLast();
        if (fresh && disk.stat(spare).isPresent()) {
            disk.delete(spare); // An attempt that failed left it.
        }
        DiskFile file = disk.open(spare, fresh ? Disk.Access.CREATE : Disk.Access.WRITE);
        try {
            long bytes = fresh ? size : reusedBytes(file.size(), size, largest);
            file.truncate(bytes);
            file.allocate(0, bytes);
            Draft draft = new Draft(spare, fresh, mapped(number, bytes, file, fresh));
            if (!fresh) {
                spares.removeLast();
            }
            return draft;
        } catch (Throwable e) {
            abandon(e, spare, fresh, file::close);
            throw e;
        }
    }

    private static long reusedBytes(long there, long size, long largest) {
        return there - size < COSTLY ? size : Math.min(there, largest);
    }

    /** Takes back what was begun. A spare stays in the directory for a later attempt or opening. */
    private void abandon(Throwable cause, Path spare, boolean fresh, Closing.Step close) {
        try (Closing all = new Closing()) {
            all.then(close);
            all.then(() -> deleteFresh(spare, fresh));
        } catch (Throwable also) {
            cause.addSuppressed(also);
        }
    }

    private void deleteFresh(Path spare, boolean fresh) throws IOException {
        if (fresh && disk.stat(spare).isPresent()) {
            disk.delete(spare);
        }
    }

    /** Maps the file and puts a header in front, which is not durable yet. */
    @GuardedBy("lock")
    private MappedSegment mapped(long number, long size, DiskFile file, boolean fresh)
            throws IOException {
        Layout.Header header =
                new Layout.Header(
                        number, ThreadLocalRandom.current().nextLong(), directory.nowMicros());
        // The zeros behind the header say that there is no frame yet.
        byte[] bytes = Arrays.copyOf(layout.encodeHeader(header), Layout.HEADER + Layout.FRAME);
        file.writeFully(ByteBuffer.wrap(bytes), 0);
        Path path = directory.segmentPath(number);
        Segment segment = new Segment(path, header, layout.key(header), size);
        return new MappedSegment(segment, file, file.map(0, size), fresh);
    }

    /**
     * Makes the header durable, and nothing else: a file that is used again may be full of old
     * bytes that were never synced and that no one reads.
     */
    private static void syncHeader(Draft draft) throws IOException {
        try {
            draft.mapped.mapping().force(0, Layout.HEADER + Layout.FRAME);
        } catch (IOException e) {
            throw new SyncFailed(e);
        }
    }

    /**
     * Takes the names of segments away for good, with one sync. A file becomes a spare if it may be
     * used again and there are fewer than {@code spareLimit}; else it is deleted. Called by one
     * thread at a time; the lock is not held during disk calls, so that segments are made
     * meanwhile.
     */
    void retire(Collection<Freed> gone, int spareLimit) throws IOException {
        List<Path> fresh = new ArrayList<>();
        int room = spareLimit - spareCount();
        for (Freed one : gone) {
            Path path = one.segment().path;
            Path spare = directory.sparePath(JournalDirectory.segmentNumber(path));
            if (disk.stat(path).isEmpty()) {
                if (disk.stat(spare).isPresent()) {
                    fresh.add(spare); // An attempt that failed got as far as that.
                }
            } else if (one.reusable() && fresh.size() < room) {
                disk.rename(path, spare);
                fresh.add(spare);
            } else {
                disk.delete(path);
            }
        }
        directory.sync();
        lock.lock();
        try {
            spares.addAll(fresh);
        } finally {
            lock.unlock();
        }
    }

    private int spareCount() {
        lock.lock();
        try {
            return spares.size();
        } finally {
            lock.unlock();
        }
    }
}
