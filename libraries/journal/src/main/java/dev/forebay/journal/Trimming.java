package dev.forebay.journal;

import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets go of what is not needed: of segments when they are trimmed, of everything at the end. One
 * at a time, with a lock of its own around the disk calls, so that no appender waits for them.
 */
final class Trimming {
    private final Store store;
    private final JournalSettings settings;
    private final ReentrantLock lock;
    private final Segments segments;
    private final Rolling rolling;
    private final GroupCommit commit;

    /** Taken before the journal's lock. */
    private final ReentrantLock trimming = new ReentrantLock();

    /** A trimmed segment, and whether its file may be used again. */
    private record Freed(Segment segment, boolean reusable) {}

    Trimming(
            Store store,
            JournalSettings settings,
            ReentrantLock lock,
            Segments segments,
            Rolling rolling,
            GroupCommit commit) {
        this.store = store;
        this.settings = settings;
        this.lock = lock;
        this.segments = segments;
        this.rolling = rolling;
        this.commit = commit;
    }

    void trim(long sequence) {
        trimming.lock();
        try {
            List<Freed> freed = new ArrayList<>();
            Checkpoint checkpoint;
            lock.lock();
            try {
                segments.checkOpen();
                commit.check();
                for (Segment gone : segments.trimTo(sequence)) {
                    commit.forget(gone);
                    freed.add(new Freed(gone, gone.readers == 0));
                }
                checkpoint = segments.checkpoint(commit.synced());
            } finally {
                lock.unlock();
            }
            store.writeCheckpoint(checkpoint, !freed.isEmpty());
            for (Freed one : freed) {
                store.retire(one.segment, one.reusable, settings.spares());
            }
        } catch (Store.SyncFailed e) {
            poison(e);
            throw Journal.failed("trim " + store.directory, e);
        } catch (IOException e) {
            throw Journal.failed("trim " + store.directory, e);
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

    /** Syncs what is not yet synced and lets go of the {@code owner}'s lock, at the first call. */
    void close(Disk.AutoCloseableLock owner) {
        trimming.lock();
        try {
            lock.lock();
            try {
                if (!segments.close()) {
                    return;
                }
                commit.close();
                rolling.close();
            } finally {
                lock.unlock();
            }
            commit.join();
            release(owner);
        } catch (IOException e) {
            throw Journal.failed("close " + store.directory, e);
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

    private void release(Disk.AutoCloseableLock owner) throws IOException {
        try (owner) {
            rolling.join();
            boolean whole = commit.healthy();
            for (Segment segment : commit.unsynced()) {
                release(segment, whole && segment == rolling.active());
            }
            if (whole) {
                store.writeCheckpoint(segments.checkpoint(commit.synced()), false);
            }
        }
    }

    private static void release(Segment segment, boolean cut) throws IOException {
        DiskFile file = segment.file;
        DiskFile second = segment.second;
        if (second != null) {
            second.close();
        }
        if (file == null) {
            return;
        }
        try (file) {
            if (cut) {
                file.truncate(segment.end);
                file.sync();
            }
        }
    }
}
