package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
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
 * <p><b>What it takes.</b> A journal that holds nothing takes 1.25 MiB of disk, one with a reserve
 * 2.25 MiB: an empty segment that is written to and the next one, ready. Segments grow with the
 * traffic up to {@link JournalSettings#segmentBytes}; see {@link SegmentSupply}.
 *
 * <p><b>Threads.</b> Safe for use by many. An append at {@code SYNCED} blocks until a force that
 * began after it has ended, shared with all who wait; the others block only while another append is
 * being copied, or, when the disk is slower than the appends, until the next segment is ready. No
 * interrupt ends a call. An open journal has three platform threads (force, ready, warm), and a
 * virtual one if segments have an age; if one of them ends by a fault, the journal is poisoned.
 *
 * <p><b>Locks.</b> Each component owns its state and one lock for it. They are taken in this order:
 * {@link Retention} or the closing, {@link SegmentWriter}, one of the leaves ({@link SegmentIndex},
 * {@link SegmentSupply}, {@link GroupCommit}, {@link PageFiller}, {@link PageWarmer}, {@link
 * SegmentAger}). No leaf is held during a disk call. {@code PageWarmer} and {@code SegmentAger} ask
 * {@code SegmentSupply} under their locks.
 */
public final class Journal implements AutoCloseable {
    private final JournalDirectory directory;
    private final Disk.AutoCloseableLock owner;
    private final Recovery recovery;
    private final JournalState state;
    private final SegmentIndex index;
    private final GroupCommit commit;
    private final SegmentAger ager;
    private final SegmentSupply supply;
    private final PageWarmer warmer;
    private final SegmentWriter writer;
    private final Retention retention;

    /** Held while the journal closes, so that a second call returns when it is closed. */
    private final ReentrantLock closing = new ReentrantLock();

    @GuardedBy("closing")
    private boolean closed;

    /**
     * Opens the journal in {@code directory}, which is made if need be; its parent must exist.
     * Blocks while it reads what was not trimmed, in time that grows with its bytes. A full disk is
     * no obstacle if there are frames: they can be read and trimmed, which makes room to append.
     *
     * @param disk where the files are
     * @param clock gives frames their time
     * @param directory of this journal alone
     * @param settings may differ from those of before
     * @return the journal, which owns the directory until it is closed
     * @throws JournalException if it is in use, the disk fails, or is too full for the first
     *     segment or for what damage is set aside
     * @throws dev.forebay.base.DamagedException if frames that were synced cannot be read and the
     *     settings say stop
     */
    public static Journal open(Disk disk, Clock clock, Path directory, JournalSettings settings) {
        try {
            makeDirectory(disk, directory);
            Disk.AutoCloseableLock owner = disk.lock(directory.resolve("lock"));
            try {
                return open(new JournalDirectory(disk, clock, directory), clock, settings, owner);
            } catch (Throwable e) {
                closeAfter(e, owner::close);
                throw e;
            }
        } catch (LockedException e) {
            throw new JournalException(Fault.LOCKED, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw failed("open " + directory, e);
        }
    }

    private static Journal open(
            JournalDirectory directory,
            Clock clock,
            JournalSettings settings,
            Disk.AutoCloseableLock owner)
            throws IOException {
        Scan scan = new Scan(directory);
        scan.run();
        SegmentFiles files = new SegmentFiles(directory);
        files.adoptSpares();
        new DirectoryRepair(scan, files).apply(settings);
        files.limitSpares(settings.spares() + settings.ready());
        Journal journal = new Journal(directory, files, clock, settings, owner, scan);
        try {
            journal.start();
            return journal;
        } catch (Throwable e) {
            closeAfter(e, journal::closeComponents);
            throw e;
        }
    }

    private static void closeAfter(Throwable cause, Closing.Step step) {
        try {
            step.close();
        } catch (Throwable also) {
            cause.addSuppressed(also);
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
            JournalDirectory directory,
            SegmentFiles files,
            Clock clock,
            JournalSettings settings,
            Disk.AutoCloseableLock owner,
            Scan scan)
            throws IOException {
        this.directory = directory;
        this.owner = owner;
        recovery = scan.recovery();
        state = new JournalState(directory.path);
        index = new SegmentIndex(scan);
        commit = new GroupCommit(clock, state, scan.next - 1);
        long number = directory.highestNumber() + 1;
        supply = new SegmentSupply(files, directory, settings, state, number, index.largest());
        ager = new SegmentAger(clock, settings.segmentAge(), supply::hasNext);
        PageFiller filler = new PageFiller();
        warmer = new PageWarmer(state, filler, supply::peek, commit::synced);
        writer =
                new SegmentWriter(
                        clock, settings, state, index, supply, commit, filler, warmer, ager);
        retention = new Retention(directory, files, settings, state, index, writer, commit);
    }

    /** Makes the first segment and starts the workers. */
    private void start() throws IOException {
        try {
            // Trimming must not need any room itself.
            directory.reserveCheckpoint(
                    new Checkpoint(index.trim(), writer.next() - 1, 0, 0, 0, 0));
            writer.begin(supply.first());
        } catch (NoSpaceException e) {
            if (index.size() == 0) {
                throw e; // Else there is something to read, and a trim makes room.
            }
        }
        String name = String.valueOf(directory.path.getFileName());
        commit.start(name);
        supply.start(name, ager::wake);
        warmer.start(name);
        ager.start(name, writer::rollAged, state);
    }

    /** {@return what the opening found} */
    public Recovery recovery() {
        return recovery;
    }

    /**
     * The oldest frame that is kept.
     *
     * @return its sequence, or {@link #next} if none is kept
     */
    public long first() {
        return index.trim();
    }

    /** How many segments there are, the one that is written to included. */
    int segmentCount() {
        return index.size();
    }

    /** {@return the sequence of the next append: one more than the last frame's} */
    public long next() {
        return writer.next();
    }

    /**
     * The last frame that is known to survive a power cut; 0 if none is.
     *
     * @return its sequence
     */
    public long synced() {
        return commit.synced();
    }

    /** {@return how many bytes of frames a reserve of {@link #appendFromReserve} takes at least} */
    public long reserveBytes() {
        return supply.reserveBytes();
    }

    /**
     * Appends one frame at {@link Durability#SYNCED}; see {@link #append(byte[], int, Durability)}.
     *
     * @param payload the frame's bytes, which are copied
     * @return its sequence
     */
    public long append(byte[] payload) {
        return append(payload, 0, Durability.SYNCED);
    }

    /**
     * Appends one frame without flags; see {@link #append(byte[], int, Durability)}.
     *
     * @param payload the frame's bytes, which are copied
     * @param durability what has to be true of it on return
     * @return its sequence
     */
    public long append(byte[] payload, Durability durability) {
        return append(payload, 0, durability);
    }

    /**
     * Appends one frame and returns its sequence once it is as durable as asked.
     *
     * @param payload the frame's bytes, which are copied
     * @param flags 0 to 65535, given back by the reader
     * @param durability what has to be true of it on return
     * @return its sequence
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
     * @param payload the frame's bytes, which are copied
     * @param flags 0 to 65535, given back by the reader
     * @param durability what has to be true of it on return
     * @return its sequence
     * @throws JournalException as {@link #append(byte[], int, Durability)}; a full disk only when
     *     the reserve, one segment, is full too
     */
    public long appendFromReserve(byte[] payload, int flags, Durability durability) {
        return append(payload, flags, durability, true);
    }

    private long append(byte[] payload, int flags, Durability durability, boolean fromReserve) {
        checkFlags(flags);
        return durable(writer.append(payload, Numbering.NONE, flags, fromReserve), durability);
    }

    private long durable(long sequence, Durability durability) {
        if (durability == Durability.SYNCED) {
            commit.await(sequence);
        }
        return sequence;
    }

    /**
     * Appends the remaining bytes of {@code payload} as one frame; its position stays.
     *
     * @param payload the frame's bytes, which are copied
     * @param flags 0 to 65535, given back by the reader
     * @param durability what has to be true of it on return
     * @return its sequence
     */
    public long append(ByteBuffer payload, int flags, Durability durability) {
        byte[] bytes = new byte[payload.remaining()];
        payload.duplicate().get(bytes);
        return append(bytes, flags, durability);
    }

    /**
     * Appends a batch, one frame each, in one segment and with one time, and returns the sequence
     * of its last frame once all are as durable as asked.
     *
     * @param payloads one for each frame, one at least
     * @param flags 0 to 65535, of every frame
     * @param durability what has to be true of all on return
     * @return the sequence of the last one
     * @throws JournalException as for a single frame; nothing of the batch was appended then
     */
    public long append(List<byte[]> payloads, int flags, Durability durability) {
        checkFlags(flags);
        return durable(writer.append(payloads, Numbering.NONE, flags), durability);
    }

    /**
     * As {@link #append(List, int, Durability)}, with the caller's own number in front of each
     * payload, eight bytes big-endian: {@code first} in front of the first, and so on. The frames
     * are the same as if the caller had put the numbers there, without the copy.
     *
     * @param first the number of the first payload
     * @param payloads one for each frame, one at least
     * @param flags 0 to 65535, of every frame
     * @param durability what has to be true of all on return
     * @return the sequence of the last one
     */
    public long appendNumbered(
            long first, List<byte[]> payloads, int flags, Durability durability) {
        checkFlags(flags);
        return durable(writer.append(payloads, Numbering.from(first), flags), durability);
    }

    /**
     * As {@link #append(byte[], int, Durability)}, with the caller's number in front.
     *
     * @param number any
     * @param payload the frame's bytes, which are copied
     * @param flags 0 to 65535, given back by the reader
     * @param durability what has to be true of it on return
     * @return its sequence
     */
    public long appendNumbered(long number, byte[] payload, int flags, Durability durability) {
        checkFlags(flags);
        return durable(writer.append(payload, Numbering.from(number), flags, false), durability);
    }

    private static void checkFlags(int flags) {
        if ((flags & ~Layout.CALLER_FLAGS) != 0) {
            throw new IllegalArgumentException("flags must be 0 to 65535, not " + flags);
        }
    }

    /**
     * Waits until frame {@code sequence}, appended earlier, is synced: the second half of an append
     * at {@code SYNCED} for those who append in one order and wait in another.
     *
     * @param sequence of a frame that was appended
     */
    public void awaitSynced(long sequence) {
        state.check();
        if (sequence >= writer.next()) {
            throw beyondTheEnd(sequence);
        }
        commit.await(sequence);
    }

    private IllegalArgumentException beyondTheEnd(long sequence) {
        return new IllegalArgumentException(
                "frame %d is not there, the next one is %d".formatted(sequence, writer.next()));
    }

    /**
     * Reads from frame {@code from} on, everything that is written.
     *
     * @param from a sequence, {@link #first} to {@link #next}
     * @return a reader, to be closed by the caller
     * @throws JournalException if that frame was trimmed or is beyond the end
     */
    public JournalReader read(long from) {
        return read(from, Durability.WRITTEN);
    }

    /**
     * Reads from frame {@code from} on, as far as frames are as durable as {@code visible}: what
     * was read at {@code SYNCED} is there after every crash.
     *
     * @param from a sequence, {@link #first} to {@link #next}
     * @param visible what has to be true of a frame before it is read
     * @return a reader, to be closed by the caller
     */
    public JournalReader read(long from, Durability visible) {
        state.check();
        index.checkReadable(from, writer.next());
        return new JournalReader(this, from, visible == Durability.SYNCED);
    }

    /**
     * Whether {@link #trim} to this frame would free a segment, and so make room.
     *
     * @param sequence as it would be given to {@code trim}
     * @return true if it would
     */
    public boolean frees(long sequence) {
        return index.frees(sequence);
    }

    /** Where a reader finds frame {@code sequence}. */
    SegmentIndex.View view(long sequence, boolean synced, @Nullable Segment held) {
        state.check();
        return index.view(sequence, synced ? commit.synced() + 1 : writer.next(), held);
    }

    void leave(Segment segment) {
        index.leave(segment);
    }

    /** Opens the file that holds frame {@code sequence}, unless a trim has overtaken the reader. */
    DiskFile openSegment(Segment segment, long sequence) throws IOException {
        try {
            return directory.disk.open(segment.path, Disk.Access.READ);
        } catch (IOException e) {
            index.checkReadable(sequence, writer.next()); // Then the file may well be gone.
            throw e;
        }
    }

    /**
     * Says that frames in front of {@code sequence} are not needed any more. Segments that hold
     * only such frames become spares or are deleted, unless a reader is in one: its file lives on
     * until the reader leaves it. Blocks for disk calls only when a segment is freed.
     *
     * @param sequence the first frame that is still needed
     * @throws IllegalArgumentException if {@code sequence} is beyond the end
     */
    public void trim(long sequence) {
        retention.trim(sequence, 0);
    }

    /**
     * As {@link #trim(long)}, once the frames from {@code sequence} to {@code last} are on the
     * device: for newer frames that replace those that go. Unlike {@link #awaitSynced}, it does not
     * sync what goes. Blocks as long as the disk does.
     *
     * @param sequence the first frame that is still needed
     * @param last the newest frame that has to be on the device before
     * @throws IllegalArgumentException if {@code sequence} or {@code last} is beyond the end
     */
    public void trim(long sequence, long last) {
        if (last >= writer.next()) {
            throw beyondTheEnd(last);
        }
        retention.trim(sequence, last);
    }

    /**
     * Syncs what is not yet synced, and lets go of the directory. Appends that wait for a segment
     * throw that the journal is closed; those that wait for a sync are answered. Does nothing the
     * second time, except to wait until the first call is done. Blocks as long as the disk does.
     *
     * @throws dev.forebay.base.PoisonedException if that sync, or an earlier one, failed;
     *     everything is closed all the same
     */
    @Override
    public void close() {
        closing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            closeComponents();
        } catch (IOException e) {
            throw failed("close " + directory.path, e);
        } finally {
            closing.unlock();
        }
        state.checkFault();
    }

    /**
     * The order of closing. Work is refused first, so that what is under way ends; then everything
     * is synced; then the threads end; then what they used is closed; the lock of the directory
     * goes last.
     */
    private void closeComponents() throws IOException {
        state.close();
        try (Closing all = new Closing()) {
            all.then(supply::close);
            all.then(retention::close);
            all.then(writer::close);
            all.then(commit::close);
            all.then(ager::close);
            all.then(warmer::close);
            all.then(commit::join);
            all.then(ager::join);
            all.then(supply::join);
            all.then(warmer::join);
            all.then(warmer::closeMappings);
            all.then(writer::closeMapping);
            all.then(() -> supply.closeFiles(!state.isPoisoned()));
            all.then(() -> commit.closeFiles(!state.isPoisoned()));
            all.then(this::writeLastCheckpoint);
            all.then(owner::close);
        }
    }

    private void writeLastCheckpoint() throws IOException {
        if (!state.isPoisoned() && index.size() > 0) {
            directory.writeCheckpoint(index.checkpoint(commit.synced()), false);
        }
    }
}
