package dev.forebay.blobhttp;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The access URL in use. However many requests meet a refusal of the same URL, it is renewed once;
 * a renewal that failed for good is not tried again, one that was interrupted is. Safe for use by
 * many threads.
 */
final class Access {
    private final AccessUrlSource source;

    /** Guards everything below, and is held while the source works, so that the others wait. */
    private final ReentrantLock lock = new ReentrantLock();

    private @Nullable AccessUrl current;
    private @Nullable ContainerException failure;

    Access(AccessUrlSource source) {
        this.source = source;
    }

    /** The source may work for minutes: an interrupt ends the wait of this one for it. */
    private void enter() {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ContainerException(
                    Fault.CLOSED, "interrupted while another call gets an access URL", e);
        }
    }

    AccessUrl current() {
        enter();
        try {
            AccessUrl url = current;
            if (url == null) {
                url = source.first();
                current = url;
            }
            return url;
        } finally {
            lock.unlock();
        }
    }

    /** The URL to use after {@code rejected} was refused. */
    AccessUrl after(AccessUrl rejected) {
        enter();
        try {
            if (failure != null) {
                throw failure;
            }
            AccessUrl url = current;
            if (url == null || url.equals(rejected)) {
                url = source.renewed(rejected);
                current = url;
            }
            return url;
        } catch (ContainerException e) {
            // An interrupt is met by one caller and says nothing of the source.
            if (!e.mayRetry() && e.fault() != Fault.CLOSED) {
                failure = e;
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }
}
