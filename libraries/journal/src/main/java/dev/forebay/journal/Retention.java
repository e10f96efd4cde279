package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.journal.JournalDirectory.SyncFailed;
import dev.forebay.journal.SegmentIndex.Freed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets go of the segments that a trim frees, and keeps the checkpoint.
 *
 * <p><b>Guarantee.</b> A segment's file goes only after a checkpoint that calls its frames trimmed
 * is synced. A file whose turn did not come because an earlier one failed goes with the next trim.
 *
 * <p><b>What need not be synced.</b> Frames that go need not be on the device, if the frames that
 * replace them are. So a trim syncs the files from its position on, then the checkpoint, which says
 * at once that the frames in front are trimmed and that those behind are synced. A power cut before
 * that leaves a torn frame in front of synced ones: recovery cuts there, as it may, since no frame
 * behind says that the torn one was synced. Only once the files are gone do new frames say so.
 * Until the checkpoint is synced, a force for others covers the files that go: its frames are
 * behind them.
 *
 * <p><b>Threads.</b> One trim at a time, under a lock of its own that is held during disk calls.
 * The appenders never take it.
 */
final class Retention {
    private final JournalDirectory directory;
    private final SegmentFiles files;
    private final JournalSettings settings;
    private final JournalState state;
    private final SegmentIndex index;
    private final SegmentWriter writer;
    private final GroupCommit commit;
    private final ReentrantLock lock = new ReentrantLock();

    /** Segments that are out of the index and whose files are still there. */
    @GuardedBy("lock")
    private final List<Freed> leaving = new ArrayList<>();

    Retention(
            JournalDirectory directory,
            SegmentFiles files,
            JournalSettings settings,
            JournalState state,
            SegmentIndex index,
            SegmentWriter writer,
            GroupCommit commit) {
        this.directory = directory;
        this.files = files;
        this.settings = settings;
        this.state = state;
        this.index = index;
        this.writer = writer;
        this.commit = commit;
    }

    /** Trims, once the frames from {@code sequence} to {@code last} are synced. */
    void trim(long sequence, long last) {
        lock.lock();
        try {
            state.check();
            leaving.addAll(index.trimTo(sequence, writer.next()));
            if (leaving.isEmpty()) {
                directory.writeCheckpoint(index.checkpoint(commit.synced()), false);
            } else {
                commit.syncFrom(sequence, last);
                long synced = Math.max(commit.synced(), last);
                directory.writeCheckpoint(index.checkpoint(synced), true);
                retire();
                commit.raiseSynced(synced);
            }
        } catch (SyncFailed e) {
            state.poison(e);
            throw Journal.failed("trim " + directory.path, e);
        } catch (IOException e) {
            throw Journal.failed("trim " + directory.path, e);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void retire() throws IOException {
        for (Freed freed : leaving) {
            commit.forget(freed.segment());
        }
        files.retire(leaving, settings.spares());
        leaving.clear();
    }

    /** Returns once no trim is under way; {@link JournalState} refuses later ones. */
    void close() {
        lock.lock();
        try {
            leaving.clear(); // The next opening takes these files away.
        } finally {
            lock.unlock();
        }
    }
}
