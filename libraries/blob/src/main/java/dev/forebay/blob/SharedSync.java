package dev.forebay.blob;

import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The syncs of one directory, shared: whoever asks while a sync runs waits for the next one, which
 * one of the waiting runs for all. A sync that began before a name was made says nothing of that
 * name, so nobody is answered by it.
 *
 * <p>After a failure every request fails, now and later: what the directory holds on the device is
 * no longer known. The interrupt of one who waits is no failure: it ends no wait and is kept.
 */
final class SharedSync {
    private final Disk disk;
    private final Path directory;
    private final SettlingRules rules;

    /** Guards the counters; not held during a sync. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition done = lock.newCondition();
    private long requested;
    private long completed;
    private boolean running;
    private @Nullable IOException failure;

    SharedSync(Disk disk, Path directory, SettlingRules rules) {
        this.disk = disk;
        this.directory = directory;
        this.rules = rules;
    }

    /** Returns once a sync that began after this call has succeeded. */
    void sync() throws IOException {
        lock.lock();
        try {
            long mine = ++requested;
            while (completed < mine) {
                if (failure != null) {
                    throw new IOException("an earlier sync of " + directory + " failed", failure);
                }
                if (running) {
                    done.awaitUninterruptibly();
                } else {
                    runFor(requested);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** How many wait for a sync to come; not the one that runs it. */
    int waiting() {
        lock.lock();
        try {
            return lock.getWaitQueueLength(done);
        } finally {
            lock.unlock();
        }
    }

    private void runFor(long upTo) throws IOException {
        running = true;
        lock.unlock();
        IOException failed = null;
        try {
            rules.share(() -> disk.syncDirectory(directory));
        } catch (IOException e) {
            failed = e;
        } catch (RuntimeException | Error e) {
            // Nothing says that the sync took place.
            failed = new IOException("syncing " + directory + " ended with " + e, e);
        }
        lock.lock();
        running = false;
        completed = failed == null ? upTo : completed;
        failure = failed;
        done.signalAll();
        if (failed != null) {
            throw failed;
        }
    }
}
