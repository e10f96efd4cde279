package dev.forebay.journal;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.DiskMapping;
import dev.forebay.base.Durability;
import dev.forebay.base.LockedException;
import dev.forebay.base.NoSpaceException;
import dev.forebay.journal.JournalException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    private static final int SCRATCH = 1 << 16;

    private final Store store;
    private final Clock clock;
    private final JournalSettings settings;
    private final Parts parts;
    private final Layout layout;
    private final Disk.AutoCloseableLock owner;
    private final Recovery recovery;

    /** Guards everything below, the segments, and the two collaborators. */
    private final ReentrantLock lock = new ReentrantLock();

    /** Held by one trim at a time, around its disk calls. */
    private final ReentrantLock trimming = new ReentrantLock();

    private final GroupCommit commit;
    private final ReadyQueue ready;
    private final List<Segment> segments = new ArrayList<>();
    private final byte[] zeros = new byte[Layout.FRAME];
    private byte[] scratch = new byte[SCRATCH];
    private Segment active;

    /** Of the active segment; none after an opening on a full disk, until there is room. */
    private @Nullable DiskMapping mapping;

    private long next;
    private long trim;
    private long ageDue = Long.MAX_VALUE;
    private boolean closed;

    /**
     * Opens the journal in {@code directory}, which is made if need be; its parent must exist.
     * Blocks while it reads what was not trimmed.
     *
     * @throws JournalException if it is in use, or the disk is full or fails
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
                store.limitSpares(settings.spares() + settings.readyAhead());
                Journal journal = new Journal(store, clock, settings, parts, owner, scan);
                journal.commit.start();
                journal.ready.start();
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
        if (disk.stat(directory).isEmpty()) {
            disk.createDirectory(directory);
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            disk.syncDirectory(parent);
        }
    }

    static JournalException failed(String what, IOException cause) {
        Fault fault = cause instanceof NoSpaceException ? Fault.NO_SPACE : Fault.FAILED;
        return new JournalException(fault, "cannot " + what + ": " + cause.getMessage(), cause);
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
        this.clock = clock;
        this.settings = settings;
        this.parts = parts;
        this.layout = parts.layout();
        this.owner = owner;
        this.recovery = scan.recovery();
        this.next = scan.next;
        this.trim = recovery.first();
        for (Scan.Part part : scan.parts) {
            segments.add(part.segment);
        }
        long number = store.highestNumber() + 1;
        active = first(number);
        commit =
                parts.commit(
                        store.disk,
                        clock,
                        lock,
                        next - 1,
                        store.directory.getFileName().toString());
        if (mapping != null) {
            commit.begin(active);
        }
        ready = new ReadyQueue(clock, store, settings, lock, commit, new Ageing(), number + 1);
    }

    /**
     * The segment to append to. On a full disk it is the last one there is, which takes no more: a
     * journal must open to be read and trimmed, which makes room.
     */
    private Segment first(long number) throws IOException {
        try {
            // Trimming, which makes room, must not need any.
            store.reserveCheckpoint(new Checkpoint(trim, next - 1, 0, 0, 0, 0));
            Segment fresh = store.prepare(number, settings.segmentBytes().bytes());
            mapping = fresh.mapping;
            fresh.begin(next);
            segments.add(fresh);
            return fresh;
        } catch (NoSpaceException e) {
            if (segments.isEmpty()) {
                throw e;
            }
            Segment last = segments.getLast();
            last.size = last.end;
            return last;
        }
    }

    private final class Ageing implements ReadyQueue.Rolling {
        @Override
        public long dueNanos() {
            return ready.isEmpty() ? Long.MAX_VALUE : ageDue;
        }

        @Override
        public void roll() {
            Journal.this.roll();
        }
    }

    /** What the opening found. */
    public Recovery recovery() {
        return recovery;
    }

    /** The oldest frame that is kept. */
    public long first() {
        lock.lock();
        try {
            return trim;
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
            return next;
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
        checkFlags(flags);
        lock.lock();
        long sequence;
        try {
            long bytes = Layout.frameBytes(payload.length);
            begin(bytes);
            sequence = next;
            byte[] frame = scratch((int) bytes + Layout.FRAME);
            System.arraycopy(payload, 0, frame, Layout.FRAME, payload.length);
            encode(frame, 0, payload.length, active.end, flags);
            store(frame, (int) bytes);
            commit.written(sequence);
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
     * Appends a batch, one frame each, in one segment, and returns the sequence of its last frame
     * once all are as durable as asked.
     *
     * @throws JournalException as for a single frame; nothing of the batch was appended then
     */
    public long append(List<byte[]> payloads, int flags, Durability durability) {
        checkFlags(flags);
        long bytes = 0;
        for (byte[] payload : payloads) {
            bytes += Layout.frameBytes(payload.length);
        }
        lock.lock();
        long sequence;
        try {
            begin(bytes);
            write(payloads, flags);
            sequence = next - 1;
            commit.written(sequence);
        } catch (RuntimeException | Error e) {
            lock.unlock();
            throw e;
        }
        release(sequence, durability);
        return sequence;
    }

    private void write(List<byte[]> payloads, int flags) {
        byte[] frames = scratch(SCRATCH);
        int filled = 0;
        for (byte[] payload : payloads) {
            int bytes = (int) Layout.frameBytes(payload.length);
            if (filled + bytes + Layout.FRAME > frames.length) {
                if (filled > 0) {
                    store(frames, filled);
                }
                filled = 0;
                frames = scratch(bytes + Layout.FRAME);
            }
            System.arraycopy(payload, 0, frames, filled + Layout.FRAME, payload.length);
            encode(frames, filled, payload.length, active.end + filled, flags);
            filled += bytes;
        }
        if (filled > 0) {
            store(frames, filled);
        }
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
            if (sequence >= next) {
                throw new IllegalArgumentException(
                        "frame " + sequence + " is not there, the next one is " + next);
            }
        } catch (RuntimeException | Error e) {
            lock.unlock();
            throw e;
        }
        commit.awaitAndUnlock(sequence);
    }

    private void checkOpen() {
        if (closed) {
            throw new JournalException(
                    Fault.CLOSED, "the journal in " + store.directory + " is closed", null);
        }
        commit.check();
    }

    /** Makes sure that {@code bytes} fit into the active segment. */
    private void begin(long bytes) {
        checkOpen();
        if (active.end + bytes <= active.size) {
            return;
        }
        long room = settings.segmentBytes().bytes() - Layout.HEADER;
        if (bytes > room) {
            throw new JournalException(
                    Fault.TOO_LARGE,
                    bytes
                            + " bytes with their frames do not fit into a segment, which takes "
                            + room
                            + "; split them or raise segmentBytes",
                    null);
        }
        while (active.end + bytes > active.size) {
            Segment full = active;
            Segment fresh = ready.take();
            if (active == full) {
                activate(fresh);
            } else {
                ready.giveBack(fresh); // Another appender rolled while this one waited.
            }
            checkOpen();
        }
    }

    private void roll() {
        if (!closed && active.end > Layout.HEADER) {
            activate(ready.take());
        }
        ageDue = Long.MAX_VALUE;
    }

    private void activate(Segment fresh) {
        DiskMapping memory = fresh.mapping;
        if (memory == null) {
            throw new AssertionError("a prepared segment is mapped");
        }
        Segment full = active;
        full.mapping = null;
        ready.unmap(mapping);
        fresh.begin(next);
        segments.add(fresh);
        active = fresh;
        mapping = memory;
        ageDue = Long.MAX_VALUE;
        commit.begin(fresh);
    }

    private byte[] scratch(int bytes) {
        if (bytes <= scratch.length) {
            return scratch;
        }
        if (bytes <= 1 << 20) {
            scratch = new byte[1 << 20];
            return scratch;
        }
        return new byte[bytes];
    }

    private void encode(byte[] frame, int at, int length, long offset, int flags) {
        long sequence = next++;
        active.mark(sequence, offset);
        layout.encodeFrame(
                frame,
                at,
                length,
                active.key,
                offset,
                sequence,
                Layout.micros(clock.wall()),
                flags,
                sequence - commit.synced());
    }

    /**
     * Stores whole frames, and zeros behind them if there is room, which say that no more follow.
     */
    private void store(byte[] frames, int bytes) {
        long at = active.end;
        int end = bytes;
        if (at + bytes + Layout.FRAME <= active.size) {
            System.arraycopy(zeros, 0, frames, bytes, Layout.FRAME);
            end += Layout.FRAME;
        }
        Objects.requireNonNull(mapping).put(at, frames, 0, end);
        if (at == Layout.HEADER && !settings.segmentAge().isZero()) {
            ageDue = clock.nanos() + settings.segmentAge().toNanos();
            ready.wake();
        }
        active.end = at + bytes;
        active.next = next;
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
            if (from < trim || from > next) {
                throw new JournalException(
                        Fault.OUT_OF_RANGE,
                        "frame "
                                + from
                                + " cannot be read: the journal has "
                                + trim
                                + " to "
                                + (next - 1),
                        null);
            }
            return new JournalReader(this, from, visible == Durability.SYNCED);
        } finally {
            lock.unlock();
        }
    }

    /** What a reader may see now, and in which segment it finds a frame. */
    record View(
            long until, @Nullable Segment segment, long end, long markSequence, long markOffset) {}

    View view(long sequence, boolean synced, @Nullable Segment held) {
        lock.lock();
        try {
            checkOpen();
            long until = synced ? commit.synced() + 1 : next;
            if (sequence >= until) {
                return new View(until, held, 0, 0, 0);
            }
            int low = 0;
            int high = segments.size() - 1;
            while (low < high) {
                int middle = (low + high + 1) >>> 1;
                if (segments.get(middle).first <= sequence) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            Segment segment = segments.get(low);
            while (segment.next == segment.first && low > 0) {
                segment = segments.get(--low);
            }
            if (segment.first > sequence || segment.next <= sequence) {
                throw new JournalException(
                        Fault.OUT_OF_RANGE,
                        "frame " + sequence + " was trimmed; the journal begins at " + trim,
                        null);
            }
            if (segment != held) {
                segment.readers++;
                if (held != null) {
                    held.readers--;
                }
            }
            long[] mark = segment.markBefore(sequence);
            return new View(Math.min(until, segment.next), segment, segment.end, mark[0], mark[1]);
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
        trimming.lock();
        try {
            List<Segment> freed = new ArrayList<>();
            List<Boolean> reusable = new ArrayList<>();
            Checkpoint checkpoint;
            lock.lock();
            try {
                checkOpen();
                if (sequence > next) {
                    throw new IllegalArgumentException(
                            "cannot trim to " + sequence + ", the next frame is " + next);
                }
                trim = Math.max(trim, sequence);
                while (segments.size() > 1
                        && segments.getFirst().next <= trim
                        && segments.getFirst() != active
                        && hasFramesBehindFirst()) {
                    Segment gone = segments.removeFirst();
                    commit.forget(gone);
                    freed.add(gone);
                    reusable.add(gone.readers == 0);
                }
                checkpoint = checkpoint();
            } finally {
                lock.unlock();
            }
            store.writeCheckpoint(checkpoint, !freed.isEmpty());
            for (int i = 0; i < freed.size(); i++) {
                store.retire(freed.get(i).path, reusable.get(i), settings.spares());
            }
        } catch (Store.SyncFailed e) {
            poison(e);
            throw failed("trim " + store.directory, e);
        } catch (IOException e) {
            throw failed("trim " + store.directory, e);
        } finally {
            trimming.unlock();
        }
    }

    private void poison(IOException cause) {
        lock.lock();
        try {
            commit.poison(cause);
        } finally {
            lock.unlock();
        }
    }

    /** One segment with a frame always stays: it is what the next sequence is known from. */
    private boolean hasFramesBehindFirst() {
        for (int i = 1; i < segments.size(); i++) {
            if (segments.get(i).next > segments.get(i).first) {
                return true;
            }
        }
        return segments.getFirst().next == segments.getFirst().first;
    }

    private Checkpoint checkpoint() {
        Segment begin = segments.getFirst();
        for (Segment segment : segments) {
            if (segment.next > segment.first && segment.first <= trim) {
                begin = segment;
            }
        }
        long[] mark = begin.markBefore(trim);
        return new Checkpoint(
                trim,
                commit.synced(),
                begin.header.number(),
                begin.header.salt(),
                mark[0],
                mark[1]);
    }

    /**
     * Syncs what is not yet synced, and lets go of the directory. Does nothing the second time.
     *
     * @throws dev.forebay.base.PoisonedException if that sync, or an earlier one, failed;
     *     everything is closed all the same
     */
    @Override
    public void close() {
        trimming.lock();
        try {
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                closed = true;
                commit.close();
                ready.close();
            } finally {
                lock.unlock();
            }
            commit.join();
            release();
        } catch (IOException e) {
            throw failed("close " + store.directory, e);
        } finally {
            trimming.unlock();
        }
        lock.lock();
        try {
            commit.check();
        } finally {
            lock.unlock();
        }
    }

    private void release() throws IOException {
        try (Disk.AutoCloseableLock held = owner) {
            ready.join();
            if (mapping != null) {
                mapping.close();
            }
            boolean whole = commit.healthy();
            for (Segment segment : commit.unsynced()) {
                DiskFile file = segment.file;
                DiskFile second = segment.second;
                if (second != null) {
                    second.close();
                }
                if (file == null) {
                    continue;
                }
                try (file) {
                    if (whole && segment == active) {
                        file.truncate(active.end);
                        file.sync();
                    }
                }
            }
            if (whole) {
                store.writeCheckpoint(checkpoint(), false);
            }
        }
    }
}
