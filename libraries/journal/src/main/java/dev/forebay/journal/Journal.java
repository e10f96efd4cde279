package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.base.LockedException;
import dev.forebay.base.NoSpaceException;
import dev.forebay.base.Reason;
import dev.forebay.journal.JournalException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An append-only log of frames in a directory of its own.
 *
 * <p><b>Guarantee.</b> An append that returned at {@link Durability#SYNCED} is read back, in its
 * place, after a power cut at any moment; at {@link Durability#WRITTEN} (and {@link
 * Durability#ACCEPTED}, which is given the same) after the process was killed at any moment. No
 * append returns before every earlier frame is as durable. Sequence numbers begin at 1 and have no
 * hole. Opening never fails because of a torn end, and never deletes what it cannot read.
 *
 * <p><b>Limit.</b> The device must keep its word on a flush. Damage to a frame that was synced is
 * told from a torn end by later frames, which note what was synced before them: damage to the
 * newest group alone, after a crash, looks like a torn end. A batch is not a transaction: a crash
 * may leave its first part. On Linux a sync of a file covers what was stored through a mapping of
 * it; that is relied on.
 *
 * <p><b>Threads.</b> Safe for use by many. An append at {@code SYNCED} blocks until a force that
 * began after it has ended, shared with all who wait; the others block only while another append is
 * being copied, or, when the disk is slower than the appends, until the next segment is ready.
 */
public final class Journal implements AutoCloseable {
    private final Store store;
    private final Parts parts;
    private final Disk.AutoCloseableLock owner;
    private final Recovery recovery;

    /** Guards the segments and all who work on them. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Segments segments;
    private final GroupCommit commit;
    private final Rolling rolling;
    private final Appending appending;
    private final Trimming trimming;

    /**
     * Opens the journal in {@code directory}, which is made if need be; its parent must exist.
     * Blocks while it reads what was not trimmed. A full disk is no obstacle if there are frames:
     * they can be read and trimmed, which makes room to append.
     *
     * @throws JournalException if it is in use, the disk fails, or is too full for the first
     *     segment or for what damage is set aside
     * @throws dev.forebay.base.DamagedException if frames that were synced cannot be read and the
     *     settings say stop
     */
    public static Journal open(Disk disk, Clock clock, Path directory, JournalSettings settings) {
        return open(disk, clock, directory, settings, new Parts());
    }

    /** What a broken twin replaces. */
    static class Parts {
        Layout layout() {
            return new Layout();
        }

        Scan scan(Store store, Layout layout) {
            return new Scan(store, layout);
        }

        GroupCommit commit(Disk disk, Clock clock, ReentrantLock lock, long synced, String name) {
            return new GroupCommit(disk, clock, lock, synced, name);
        }
    }

    static Journal open(
            Disk disk, Clock clock, Path directory, JournalSettings settings, Parts parts) {
        try {
            makeDirectory(disk, directory);
            Disk.AutoCloseableLock owner = disk.lock(directory.resolve("lock"));
            try {
                Layout layout = parts.layout();
                Store store = new Store(disk, clock, directory, layout);
                Scan scan = parts.scan(store, layout);
                scan.run();
                store.adoptSpares();
                new Opening(scan, Layout.micros(clock.wall())).apply(settings);
                store.limitSpares(settings.spares() + settings.ready());
                Journal journal = new Journal(store, clock, settings, parts, owner, scan);
                journal.commit.start();
                journal.rolling.start();
                return journal;
            } catch (IOException | RuntimeException | Error e) {
                owner.close();
                throw e;
            }
        } catch (LockedException e) {
            throw new JournalException(Fault.LOCKED, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw failed("open " + directory, e);
        }
    }

    private static void makeDirectory(Disk disk, Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (disk.stat(directory).isEmpty()) {
            if (parent != null && disk.stat(parent).isEmpty()) {
                throw new IOException("its folder " + parent + " is not there; make that first");
            }
            disk.createDirectory(directory);
        }
        if (parent != null) {
            disk.syncDirectory(parent);
        }
    }

    static JournalException failed(String what, IOException cause) {
        Fault fault = cause instanceof NoSpaceException ? Fault.NO_SPACE : Fault.FAILED;
        return new JournalException(fault, "cannot " + what + ": " + Reason.of(cause), cause);
    }

    private Journal(
            Store store,
            Clock clock,
            JournalSettings settings,
            Parts parts,
            Disk.AutoCloseableLock owner,
            Scan scan)
            throws IOException {
        this.store = store;
        this.parts = parts;
        this.owner = owner;
        recovery = scan.recovery();
        segments = new Segments(store.directory, scan);
        String name = store.directory.getFileName().toString();
        commit = parts.commit(store.disk, clock, lock, scan.next - 1, name);
        rolling = new Rolling(clock, store, settings, segments, lock, commit);
        appending = new Appending(clock, parts.layout(), segments, rolling, commit);
        trimming = new Trimming(store, settings, lock, segments, rolling, commit);
    }

    /** What the opening found. */
    public Recovery recovery() {
        return recovery;
    }

    /** The oldest frame that is kept. */
    public long first() {
        lock.lock();
        try {
            return segments.trim();
        } finally {
            lock.unlock();
        }
    }

    /** How many segments there are, the one that is written to included. */
    int segmentCount() {
        lock.lock();
        try {
            return segments.size();
        } finally {
            lock.unlock();
        }
    }

    /** The sequence of the next append: one more than the last frame's. */
    public long next() {
        lock.lock();
        try {
            return segments.next();
        } finally {
            lock.unlock();
        }
    }

    /** The last frame that is known to survive a power cut; 0 if none is. */
    public long synced() {
        lock.lock();
        try {
            return commit.synced();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends one frame at {@link Durability#SYNCED}; see {@link #append(byte[], int, Durability)}.
     */
    public long append(byte[] payload) {
        return append(payload, 0, Durability.SYNCED);
    }

    public long append(byte[] payload, Durability durability) {
        return append(payload, 0, durability);
    }

    /**
     * Appends one frame and returns its sequence once it is as durable as asked.
     *
     * @param flags 0 to 65535, given back by the reader
     * @throws JournalException if it does not fit into a segment, the disk is full (append again
     *     once there is room) or the journal is closed; nothing was appended then
     * @throws dev.forebay.base.PoisonedException if a sync failed; the frame may or may not be
     *     there after reopening
     */
    public long append(byte[] payload, int flags, Durability durability) {
        return append(payload, flags, durability, false);
    }

    /**
     * Appends a note after which others can be trimmed. On a full disk it goes into the reserve
     * that the settings keep, where no other append goes until there is room for another reserve.
     *
     * @throws JournalException as {@link #append(byte[], int, Durability)}; a full disk only when
     *     the reserve, one segment, is full too
     */
    public long appendFromReserve(byte[] payload, int flags, Durability durability) {
        return append(payload, flags, durability, true);
    }

    private long append(byte[] payload, int flags, Durability durability, boolean fromReserve) {
        checkFlags(flags);
        lock.lock();
        long sequence;
        try {
            sequence = appending.append(payload, flags, fromReserve);
        } catch (RuntimeException | Error e) {
            lock.unlock();
            throw e;
        }
        release(sequence, durability);
        return sequence;
    }

    /** Appends the remaining bytes of {@code payload} as one frame; its position stays. */
    public long append(ByteBuffer payload, int flags, Durability durability) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return append(bytes, flags, durability);
    }

    /**
     * Appends a batch, one frame each, in one segment and with one time, and returns the sequence
     * of its last frame once all are as durable as asked.
     *
     * @throws JournalException as for a single frame; nothing of the batch was appended then
     */
    public long append(List<byte[]> payloads, int flags, Durability durability) {
        checkFlags(flags);
        lock.lock();
        long sequence;
        try {
            sequence = appending.append(payloads, flags);
        } catch (RuntimeException | Error e) {
            lock.unlock();
            throw e;
        }
        release(sequence, durability);
        return sequence;
    }

    private static void checkFlags(int flags) {
        if ((flags & ~Layout.CALLER_FLAGS) != 0) {
            throw new IllegalArgumentException("flags must be 0 to 65535, not " + flags);
        }
    }

    private void release(long sequence, Durability durability) {
        if (durability == Durability.SYNCED) {
            commit.awaitAndUnlock(sequence);
        } else {
            lock.unlock();
        }
    }

    /**
     * Waits until frame {@code sequence}, appended earlier, is synced: the second half of an append
     * at {@code SYNCED} for those who append in one order and wait in another.
     */
    public void awaitSynced(long sequence) {
        lock.lock();
        try {
            checkOpen();
            if (sequence >= segments.next()) {
                throw new IllegalArgumentException(
                        "frame " + sequence + " is not there, the next one is " + segments.next());
            }
        } catch (RuntimeException | Error e) {
            lock.unlock();
            throw e;
        }
        commit.awaitAndUnlock(sequence);
    }

    private void checkOpen() {
        segments.checkOpen();
        commit.check();
    }

    /**
     * Reads from frame {@code from} on, everything that is written.
     *
     * @throws JournalException if that frame was trimmed or is beyond the end
     */
    public JournalReader read(long from) {
        return read(from, Durability.WRITTEN);
    }

    /**
     * Reads from frame {@code from} on, as far as frames are as durable as {@code visible}: what
     * was read at {@code SYNCED} is there after every crash.
     */
    public JournalReader read(long from, Durability visible) {
        lock.lock();
        try {
            checkOpen();
            segments.checkReadable(from);
            return new JournalReader(this, from, visible == Durability.SYNCED);
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@link #trim} to this frame would free a segment, and so make room. */
    public boolean frees(long sequence) {
        lock.lock();
        try {
            return segments.frees(sequence);
        } finally {
            lock.unlock();
        }
    }

    Segments.View view(long sequence, boolean synced, @Nullable Segment held) {
        lock.lock();
        try {
            checkOpen();
            long until = synced ? commit.synced() + 1 : segments.next();
            return segments.view(sequence, until, held);
        } finally {
            lock.unlock();
        }
    }

    void leave(Segment segment) {
        lock.lock();
        try {
            segment.readers--;
        } finally {
            lock.unlock();
        }
    }

    /** A layout for one reader: each owns its CRC. */
    Layout newLayout() {
        return parts.layout();
    }

    DiskFile openSegment(Segment segment) throws IOException {
        return store.disk.open(segment.path, Disk.Access.READ);
    }

    /**
     * Says that frames in front of {@code sequence} are not needed any more. Segments that hold
     * only such frames become spares or are deleted, unless a reader is in one: its file lives on
     * until the reader leaves it. Blocks for disk calls only when a segment is freed.
     *
     * @throws IllegalArgumentException if {@code sequence} is beyond the end
     */
    public void trim(long sequence) {
        trimming.trim(sequence);
    }

    /**
     * Syncs what is not yet synced, and lets go of the directory. Does nothing the second time.
     *
     * @throws dev.forebay.base.PoisonedException if that sync, or an earlier one, failed;
     *     everything is closed all the same
     */
    @Override
    public void close() {
        trimming.close(owner);
    }
}
