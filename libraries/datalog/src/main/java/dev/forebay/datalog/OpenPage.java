package dev.forebay.datalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.NoSpaceException;
import dev.forebay.base.Trigger;
import dev.forebay.base.TriggerWatch;
import dev.forebay.bddf.PageWriter;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A page that is being written.
 *
 * <p><b>Guarantee.</b> What {@link #write} wrote survives the process, and after {@link
 * #awaitSynced} returned, a power cut. Callers that wait at once share a force: one of them syncs
 * for all whose blocks were written when it began, the others wait for it or for the next. If a
 * call of the disk fails, the page is broken: it takes no more, callers that wait throw, and {@link
 * #seal} leaves it to the recovery.
 *
 * <p><b>Limit.</b> A page takes no more than {@link #MOST_SERIES} series.
 *
 * <p><b>Threads.</b> Safe for use by many. {@code lock} guards what is written, {@code syncLock}
 * who is synced. The second is free during a sync; the first is held only during the syncs of
 * {@link #seal}, when no caller writes any more.
 */
final class OpenPage {
    /** More series than a reader of the whole page may want in memory. */
    static final int MOST_SERIES = 4096;

    private static final long[] NO_END = {};

    private final long id;
    private final PageFiles files;
    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock syncLock = new ReentrantLock();

    /** Signalled when a force ends, however it ends. */
    private final Condition forced = syncLock.newCondition();

    @GuardedBy("lock")
    private final PageWriter writer;

    @GuardedBy("lock")
    private final Contents contents = new Contents();

    @GuardedBy("lock")
    private final TriggerWatch<Void> watch;

    /** Entries of calls that returned. */
    @GuardedBy("lock")
    private long acknowledged;

    @GuardedBy("lock")
    private boolean sealed;

    /** How many calls have written. Grows only, with {@code lock} held. */
    private final AtomicLong written = new AtomicLong();

    /** What every caller up to this number wrote is durable. */
    @GuardedBy("syncLock")
    private long synced;

    @GuardedBy("syncLock")
    private boolean forcing;

    private volatile boolean broken;

    /** Bytes of both files; written with {@code lock} held. Who asks need not wait for a sync. */
    private volatile long bytes;

    /** What a page holds that takes no more; written with {@code lock} held, before its syncs. */
    private volatile @Nullable PageSummary complete;

    /** Begins page {@code id} in new files. */
    OpenPage(long id, PageFiles files, Trigger<Void> until, Clock clock) throws IOException {
        this.id = id;
        this.files = files;
        watch = new TriggerWatch<>(until, clock);
        writer = files.create(id);
        bytes = writer.bytes();
    }

    long id() {
        return id;
    }

    boolean isBroken() {
        return broken;
    }

    /**
     * Writes blocks and hands them to the system.
     *
     * @return what {@link #awaitSynced} has to wait for; empty if nothing was written, because the
     *     page takes no more
     */
    OptionalLong write(List<Preparation.Block> blocks) throws IOException {
        lock.lock();
        try {
            if (sealed || broken) {
                return OptionalLong.empty();
            }
            boolean done = false;
            try {
                for (Preparation.Block block : blocks) {
                    write(block);
                }
                writer.flush();
                done = true;
            } finally {
                broken |= !done;
                bytes = writer.bytes();
            }
            for (Preparation.Block block : blocks) {
                acknowledged += block.indexes().size();
            }
            return OptionalLong.of(written.incrementAndGet());
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void write(Preparation.Block block) throws IOException {
        SeriesKey key = block.key();
        Integer known = contents.number(key);
        int series =
                known != null
                        ? known
                        : writer.addSeries(
                                key.inPage(),
                                key.seriesType(),
                                block.annotations(),
                                key.additionalIndexes(),
                                "");
        long bytes = block.payload().remaining();
        long[] end = key.kind() == Kind.EVENT ? new long[] {block.end()} : NO_END;
        writer.write(series, block.nanos(), block.payload().duplicate(), end);
        contents.add(
                key, block.indexes().size(), bytes, block.nanos(), block.end(), block.preserve());
        watch.added(bytes, watch.readingForNext());
    }

    /** Whether the page is to be completed and another begun. */
    boolean isFull() {
        lock.lock();
        try {
            return watch.fires() || contents.seriesCount() >= MOST_SERIES;
        } finally {
            lock.unlock();
        }
    }

    /** Whether its files or what has to be known of it are as large as those of a page may be. */
    boolean isLargerThan(PageLimit limit) {
        lock.lock();
        try {
            return bytes >= limit.bytes() || contents.summaryBytes() >= limit.summaryBytes();
        } finally {
            lock.unlock();
        }
    }

    /** Monotonic nanoseconds until time alone makes it full, or {@link TriggerWatch#NEVER}. */
    long dueIn() {
        lock.lock();
        try {
            return watch.dueIn();
        } finally {
            lock.unlock();
        }
    }

    PageSummary summary() {
        PageSummary sealing = complete;
        if (sealing != null) {
            return sealing;
        }
        lock.lock();
        try {
            return contents.summary(id, writer.bytes(), true);
        } finally {
            lock.unlock();
        }
    }

    /** Entries of calls that returned; a page that broke may hold more. */
    long acknowledged() {
        lock.lock();
        try {
            return acknowledged;
        } finally {
            lock.unlock();
        }
    }

    long bytes() {
        return bytes;
    }

    /**
     * Opens what was written so far for reading, and of a page that broke what was written before
     * that, whether it is recovered by now or not.
     */
    PageFiles.Reading read() throws IOException {
        lock.lock();
        try {
            return sealed && !broken ? files.read(id) : files.read(id, writer);
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until what the caller wrote is durable. No interrupt ends the wait. */
    void awaitSynced(long upTo) throws IOException {
        syncLock.lock();
        try {
            while (synced < upTo) {
                if (broken) {
                    throw new IOException("an earlier call of page %d failed".formatted(id));
                }
                if (forcing) {
                    forced.awaitUninterruptibly();
                } else {
                    force();
                }
            }
        } finally {
            syncLock.unlock();
        }
    }

    /** Syncs what is written by now, for all who wait. Gives the lock up meanwhile. */
    @GuardedBy("syncLock")
    private void force() throws IOException {
        forcing = true;
        long target = written.get();
        boolean done = false;
        try {
            syncLock.unlock();
            try {
                writer().force();
                files.syncNames();
                done = true;
            } finally {
                broken |= !done; // Before it waits for the lock, so that no more is written.
                syncLock.lock();
            }
            synced = Math.max(synced, target);
        } finally {
            forcing = false;
            forced.signalAll();
        }
    }

    /** For {@link PageWriter#force}, which another thread may call while one writes. */
    @SuppressWarnings("GuardedBy")
    private PageWriter writer() {
        return writer;
    }

    /** Closes the files of a page that no thread will complete; the next opening recovers it. */
    void abandon() throws IOException {
        lock.lock();
        try {
            sealed = true;
            writer.close();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes everything durable, answers all who wait for that, and completes the page. The page
     * takes no more from then on.
     *
     * @return what it holds; empty if it is broken, and has to be recovered
     * @throws NoSpaceException if there is no room for the end of the page; it is broken then
     */
    Optional<PageSummary> seal() throws IOException {
        lock.lock();
        try {
            sealed = true;
            complete = contents.summary(id, bytes, true);
            forceAll();
            boolean done = false;
            try {
                writer.close();
                done = true;
            } finally {
                broken |= !done;
                bytes = writer.bytes();
            }
            return broken
                    ? Optional.empty()
                    : Optional.of(contents.summary(id, files.bytes(id), false));
        } catch (NoSpaceException e) {
            throw e;
        } catch (IOException e) {
            // The recovery that follows finds out what is there, and fails if the disk does.
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void forceAll() throws IOException {
        if (!beginForce()) {
            return;
        }
        boolean done = false;
        try {
            writer.force();
            files.syncNames();
            done = true;
        } finally {
            endForce(done);
        }
    }

    /** False if the page is broken: no later force makes up for one that failed. */
    private boolean beginForce() {
        syncLock.lock();
        try {
            while (forcing) {
                forced.awaitUninterruptibly();
            }
            forcing = !broken;
            return forcing;
        } finally {
            syncLock.unlock();
        }
    }

    private void endForce(boolean done) {
        syncLock.lock();
        try {
            synced = done ? Long.MAX_VALUE : synced;
            broken |= !done;
            forcing = false;
            forced.signalAll();
        } finally {
            syncLock.unlock();
        }
    }
}
