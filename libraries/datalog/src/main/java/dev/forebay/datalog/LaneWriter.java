package dev.forebay.datalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.TriggerWatch;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes the entries of one lane into its page, and begins another when that is full or broken. A
 * full page is completed by another thread, so that no caller waits for that.
 *
 * <p>Safe for use by many threads; those that write wait for each other. Its lock is taken in front
 * of those of the page and of {@link OpenPages}.
 */
final class LaneWriter {
    private final OpenPages pages;
    private final PageLimit limit;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable OpenPage current;

    LaneWriter(OpenPages pages, PageLimit limit) {
        this.pages = pages;
        this.limit = limit;
    }

    /**
     * Where blocks were written.
     *
     * @param sequence what {@link OpenPage#awaitSynced} has to wait for
     * @param wake whether there is work for the keeper: a page that has just begun has a time, one
     *     that is full is to be completed
     */
    record Written(OpenPage page, long sequence, boolean wake) {
        void awaitSynced() throws IOException {
            page.awaitSynced(sequence);
        }
    }

    /** Writes blocks, in the next page if a sync of this one failed; they survive the process. */
    Written write(List<Preparation.Block> blocks) throws IOException {
        lock.lock();
        try {
            boolean wake = false;
            while (true) {
                OpenPage page = current;
                if (page == null) {
                    page = pages.begin(limit.trigger());
                    current = page;
                    wake = true;
                }
                boolean done = false;
                try {
                    OptionalLong sequence = page.write(blocks);
                    if (sequence.isPresent()) {
                        boolean full = page.isFull() || page.isLargerThan(limit);
                        if (full) {
                            end(page);
                        }
                        done = true;
                        return new Written(page, sequence.getAsLong(), wake || full);
                    }
                } finally {
                    if (!done) {
                        end(page);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void end(OpenPage page) {
        current = null;
        pages.full(page);
    }

    /** Ends the page if its time has come or a sync of it failed. */
    void endIfDue() {
        lock.lock();
        try {
            OpenPage page = current;
            if (page != null && (page.isBroken() || page.isFull())) {
                end(page);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the page, if there is one. */
    void end() {
        lock.lock();
        try {
            OpenPage page = current;
            if (page != null) {
                end(page);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the page if it is number {@code id}; whether it was. */
    boolean end(long id) {
        lock.lock();
        try {
            OpenPage page = current;
            if (page == null || page.id() != id) {
                return false;
            }
            end(page);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Monotonic nanoseconds until time ends the page, or {@link TriggerWatch#NEVER}. */
    long dueIn() {
        lock.lock();
        try {
            OpenPage page = current;
            return page == null ? TriggerWatch.NEVER : page.dueIn();
        } finally {
            lock.unlock();
        }
    }
}
