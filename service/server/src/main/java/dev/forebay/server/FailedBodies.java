package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.blob.BlobName;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The blobs whose body failed after its answer had begun. HTTP has no word for that but the end of
 * the connection, so the next answer waits until the whole body was read once: then its status says
 * what is wrong.
 *
 * <p><b>Limit.</b> Of more than {@link #MOST} blobs the oldest are forgotten. Safe for use by many
 * threads; never blocks.
 */
final class FailedBodies {
    private static final int MOST = 1000;

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Set<Key> failed = new LinkedHashSet<>();

    private record Key(String container, BlobName name) {}

    void add(String container, BlobName name) {
        lock.lock();
        try {
            if (failed.size() >= MOST) {
                failed.remove(failed.iterator().next());
            }
            failed.add(new Key(container, name));
        } finally {
            lock.unlock();
        }
    }

    boolean contains(String container, BlobName name) {
        lock.lock();
        try {
            return failed.contains(new Key(container, name));
        } finally {
            lock.unlock();
        }
    }

    void remove(String container, BlobName name) {
        lock.lock();
        try {
            failed.remove(new Key(container, name));
        } finally {
            lock.unlock();
        }
    }
}
