package dev.forebay.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.journal.JournalDirectory.SyncFailed;
import dev.forebay.journal.SegmentIndex.Freed;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets go of the segments that a trim frees, and keeps the checkpoint.
 *
 * <p><b>Guarantee.</b> A segment's file goes only after a checkpoint that calls its frames trimmed
 * is synced. A file whose turn did not come because an earlier one failed goes with the next trim.
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
    private final ArrayDeque<Freed> leaving = new ArrayDeque<>();

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

    void trim(long sequence) {
        lock.lock();
        try {
            state.check();
            for (Freed freed : index.trimTo(sequence, writer.next())) {
                leaving.add(freed);
                commit.forget(freed.segment());
            }
            directory.writeCheckpoint(index.checkpoint(commit.synced()), !leaving.isEmpty());
            while (!leaving.isEmpty()) {
                Freed freed = leaving.getFirst();
                files.retire(freed.segment().path, freed.reusable(), settings.spares());
                leaving.removeFirst();
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
