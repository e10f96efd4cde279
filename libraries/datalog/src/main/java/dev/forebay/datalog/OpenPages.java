package dev.forebay.datalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.Closing;
import dev.forebay.base.Trigger;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The pages that are being written or completed, and those that wait to be completed. Safe for use
 * by many threads; its lock is a leaf.
 */
final class OpenPages implements AutoCloseable {
    private final PageFiles files;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final TreeMap<Long, OpenPage> pages = new TreeMap<>();

    @GuardedBy("lock")
    private final Deque<OpenPage> full = new ArrayDeque<>();

    /** Numbers of pages that are being made: one that comes later may be there before. */
    @GuardedBy("lock")
    private final Set<Long> beginning = new HashSet<>();

    @GuardedBy("lock")
    private long nextId;

    /**
     * @param nextId the number of the next page
     */
    OpenPages(PageFiles files, Clock clock, long nextId) {
        this.files = files;
        this.clock = clock;
        this.nextId = nextId;
    }

    /** Begins a page. */
    OpenPage begin(Trigger<Void> until) throws IOException {
        long id;
        lock.lock();
        try {
            id = nextId++;
            beginning.add(id);
        } finally {
            lock.unlock();
        }
        try {
            OpenPage page = create(id, until);
            begun(page);
            return page;
        } finally {
            lock.lock();
            try {
                beginning.remove(id);
            } finally {
                lock.unlock();
            }
        }
    }

    private void begun(OpenPage page) {
        lock.lock();
        try {
            pages.put(page.id(), page);
        } finally {
            lock.unlock();
        }
    }

    /**
     * What may get more.
     *
     * @param next the number of the next page
     * @param beginning numbers below of pages that are not among {@code pages} yet
     */
    record Snapshot(long next, Set<Long> beginning, List<OpenPage> pages) {}

    Snapshot snapshot() {
        lock.lock();
        try {
            return new Snapshot(nextId, Set.copyOf(beginning), new ArrayList<>(pages.values()));
        } finally {
            lock.unlock();
        }
    }

    private OpenPage create(long id, Trigger<Void> until) throws IOException {
        boolean done = false;
        try {
            OpenPage page = new OpenPage(id, files, until, clock);
            done = true;
            return page;
        } finally {
            if (!done) {
                files.delete(id);
            }
        }
    }

    /** The page takes no more, and waits to be completed. */
    void full(OpenPage page) {
        lock.lock();
        try {
            full.add(page);
        } finally {
            lock.unlock();
        }
    }

    /** A page that waits to be completed, or null. */
    @Nullable OpenPage nextFull() {
        lock.lock();
        try {
            return full.poll();
        } finally {
            lock.unlock();
        }
    }

    boolean someAreFull() {
        lock.lock();
        try {
            return !full.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** The catalogue has the page now, or it holds nothing. */
    void completed(OpenPage page) {
        lock.lock();
        try {
            pages.remove(page.id());
        } finally {
            lock.unlock();
        }
    }

    /** Closes the files of all pages that are left when the log is closed. */
    @Override
    public void close() throws IOException {
        try (Closing files = new Closing()) {
            all().forEach(page -> files.then(page::abandon));
        }
    }

    /** All pages in the order of their numbers. */
    List<OpenPage> all() {
        lock.lock();
        try {
            return new ArrayList<>(pages.values());
        } finally {
            lock.unlock();
        }
    }

    Optional<OpenPage> page(long id) {
        lock.lock();
        try {
            return Optional.ofNullable(pages.get(id));
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of all of them. */
    long bytes() {
        lock.lock();
        try {
            long bytes = 0;
            for (OpenPage page : pages.values()) {
                bytes += page.bytes();
            }
            return bytes;
        } finally {
            lock.unlock();
        }
    }
}
