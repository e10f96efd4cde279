package dev.forebay.blob;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The syncs of one directory, shared: a thread that asks while a sync runs waits for the next one,
 * which one of the waiting threads runs for all. A sync that began before a name was made says
 * nothing of that name, so it answers no later request.
 *
 * <p><b>Guarantee.</b> After a failure, an {@link Error} included, every request fails, now and
 * later: what the directory holds on the device is no longer known. An interrupt ends no wait; the
 * interrupt status is kept.
 *
 * <p>Safe for use by many threads; blocks on the disk.
 */
final class SharedSync {
    private final Disk disk;
    private final Path directory;

    /** Not held during a sync. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition done = lock.newCondition();

    /** The failure of a sync whose own failure found no memory for words; made beforehand. */
    private final IOException withoutWords;

    @GuardedBy("lock")
    private long requested;

    @GuardedBy("lock")
    private long completed;

    @GuardedBy("lock")
    private boolean running;

    @GuardedBy("lock")
    private @Nullable IOException failure;

    SharedSync(Disk disk, Path directory) {
        this.disk = disk;
        this.directory = directory;
        this.withoutWords =
                new IOException(
                        "syncing %s ended with an error without words".formatted(directory));
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

    /** Called with the lock, which is released while the sync runs. */
    @GuardedBy("lock")
    private void runFor(long upTo) throws IOException {
        running = true;
        IOException failed = withoutWords;
        try {
            failed = unlockedSync();
        } finally {
            running = false;
            completed = failed == null ? upTo : completed;
            failure = failed;
            done.signalAll();
        }
        if (failed != null) {
            throw failed;
        }
    }

    private @Nullable IOException unlockedSync() {
        lock.unlock();
        try {
            disk.syncDirectory(directory);
            return null;
        } catch (IOException e) {
            return e;
        } catch (RuntimeException | Error e) {
            // Nothing says that the sync took place.
            return new IOException("syncing %s ended with %s".formatted(directory, e), e);
        } finally {
            lock.lock();
        }
    }
}
