package dev.forebay.datalog;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import dev.forebay.base.NoSpaceException;
import dev.forebay.base.TriggerWatch;
import dev.forebay.base.Worker;
import dev.forebay.journal.JournalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Completes pages and keeps the log within its allowance, on a thread of its own.
 *
 * <p><b>Guarantee.</b> A page is removed only after the catalogue has noted that it goes. If the
 * thread ends, every call that waits for room or for the keeper throws. A page that cannot be
 * completed is recovered by the next opening.
 *
 * <p><b>Limit.</b> The pages take up to one page more than the allowance, and their summaries up to
 * one more than their memory, while the keeper removes others. The files of the catalogue are not
 * counted.
 *
 * <p><b>Threads.</b> {@code lock} is a leaf and is not held while the disk works.
 */
final class Keeper {
    private static final long RETRY_NANOS = 1_000_000_000L;

    private final Clock clock;
    private final Catalogue catalogue;
    private final PageFiles files;
    private final OpenPages open;
    private final Collection<LaneWriter> lanes;
    private final PageLimit limit;
    private final Retention retention;
    private final DepartingPages departing;

    /** How many entries were taken since the log was made. */
    private final AtomicLong taken;

    private final ReentrantLock lock = new ReentrantLock();

    /** Signalled when there is work, or the thread is to end. */
    private final Condition work = lock.newCondition();

    /** Signalled when the keeper has looked at everything, or ended. */
    private final Condition looked = lock.newCondition();

    /** How often callers asked the keeper to look. */
    @GuardedBy("lock")
    private long asked;

    /** Up to which of these it has looked. */
    @GuardedBy("lock")
    private long answered;

    /** Whether a page is to be removed because the disk is full. */
    @GuardedBy("lock")
    private boolean diskFull;

    /** Whether the log is above its allowance and nothing may go. */
    @GuardedBy("lock")
    private boolean stuck;

    @GuardedBy("lock")
    private boolean closing;

    @GuardedBy("lock")
    private @Nullable Throwable failure;

    private @Nullable Worker worker;

    Keeper(
            Clock clock,
            Catalogue catalogue,
            PageFiles files,
            OpenPages open,
            Collection<LaneWriter> lanes,
            DataLogSettings settings,
            PageLimit limit,
            AtomicLong taken) {
        this.clock = clock;
        this.catalogue = catalogue;
        this.files = files;
        this.open = open;
        this.lanes = List.copyOf(lanes);
        this.limit = limit;
        this.taken = taken;
        retention = new Retention(settings);
        departing = settings.departing();
    }

    /** Starts the thread. Called once. */
    void start() {
        worker = Worker.platform("forebay-log-keeper", this::run, this::fail);
    }

    private void fail(Throwable cause) {
        lock.lock();
        try {
            failure = cause;
            looked.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Throws if the keeper's thread has ended with an error. */
    void check() {
        lock.lock();
        try {
            checkLocked();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void checkLocked() {
        if (failure != null) {
            throw new DataLogException(
                    DataLogException.Fault.FAILED,
                    "the keeper of the log ended with %s; close the log and open it again"
                            .formatted(failure),
                    failure);
        }
    }

    /** There is work. */
    void wake() {
        lock.lock();
        try {
            asked++;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The disk is full: the page that is next to go makes room. */
    void diskIsFull() {
        lock.lock();
        try {
            diskFull = true;
            asked++;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes of all pages. */
    long bytes() {
        return catalogue.bytes() + open.bytes();
    }

    /**
     * Waits while the log takes more than a page above its limits and something may go.
     *
     * @return false if the log is above its limits and nothing may go
     */
    boolean awaitRoom() {
        if (!isAboveLimit()) {
            return true;
        }
        while (limit.isExceededByPage(bytes(), catalogue.summaryBytes())) {
            if (!awaitLook()) {
                return false;
            }
        }
        wake();
        return true;
    }

    private boolean isAboveLimit() {
        return limit.isExceeded(bytes(), catalogue.summaryBytes());
    }

    /**
     * Waits until the keeper has looked at everything that there is now.
     *
     * @return false if the log is above its allowance and nothing may go
     */
    boolean awaitLook() {
        lock.lock();
        try {
            long mine = ++asked;
            work.signal();
            while (answered < mine) {
                checkLocked();
                looked.awaitUninterruptibly();
            }
            return !stuck;
        } finally {
            lock.unlock();
        }
    }

    private void run() throws IOException {
        while (true) {
            long upTo;
            boolean makeRoom;
            lock.lock();
            try {
                upTo = asked;
                makeRoom = diskFull;
                diskFull = false;
            } finally {
                lock.unlock();
            }
            long due = look(makeRoom);
            if (end(upTo, due)) {
                return;
            }
        }
    }

    /** Does what there is to do; in how many nanoseconds to look again. */
    private long look(boolean makeRoom) throws IOException {
        lanes.forEach(LaneWriter::endIfDue);
        boolean complete = completeAll();
        boolean enough = evict(makeRoom || !complete);
        lock.lock();
        try {
            stuck = !enough;
        } finally {
            lock.unlock();
        }
        if (noted(catalogue::noteRefusals) && complete) {
            noted(catalogue::shorten);
        }
        long due = complete ? TriggerWatch.NEVER : RETRY_NANOS;
        for (LaneWriter lane : lanes) {
            due = Math.min(due, lane.dueIn());
        }
        return due;
    }

    /** Answers those who asked, and waits for work; whether the thread is to end. */
    private boolean end(long upTo, long due) {
        long wakeAt = due == TriggerWatch.NEVER ? 0 : clock.nanos() + due;
        lock.lock();
        try {
            answered = upTo;
            looked.signalAll();
            if (asked == upTo && closing) {
                return true;
            }
            if (due == TriggerWatch.NEVER) {
                while (asked == upTo) { // Closing asks too.
                    work.awaitUninterruptibly();
                }
            } else if (asked == upTo) {
                awaitUntil(wakeAt);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void awaitUntil(long nanos) {
        try {
            clock.await(lock, work, nanos);
        } catch (InterruptedException e) {
            // No one interrupts this thread; if one does, it looks early, which harms nothing.
        }
    }

    /** Completes all pages that are full; false if one of them has to wait for room. */
    private boolean completeAll() throws IOException {
        List<OpenPage> later = new ArrayList<>();
        for (OpenPage page = open.nextFull(); page != null; page = open.nextFull()) {
            if (!complete(page)) {
                later.add(page);
            }
        }
        later.forEach(open::full);
        return later.isEmpty();
    }

    /** Completes a page; false if there is no room for that on the disk. */
    private boolean complete(OpenPage page) throws IOException {
        try {
            Optional<PageSummary> whole = page.seal();
            if (whole.isPresent()) {
                catalogue.complete(whole.get());
            } else {
                recover(page);
            }
            open.completed(page);
            return true;
        } catch (NoSpaceException e) {
            return false;
        } catch (JournalException e) {
            return failedForRoom(e);
        }
    }

    /** False if the disk was full; throws what else it was. */
    private static boolean failedForRoom(JournalException e) {
        if (e.fault() != JournalException.Fault.NO_SPACE) {
            throw e;
        }
        return false;
    }

    /**
     * Completes a page that broke. It may lack what was acknowledged and not synced, or hold what a
     * call that failed wrote: that counts as taken then.
     */
    private void recover(OpenPage page) throws IOException {
        Optional<PageFiles.Recovered> found = files.recover(page.id());
        long entries = found.map(each -> each.summary().entries()).orElse(0L);
        long more = entries - page.acknowledged();
        long lost = Math.max(0, -more);
        if (found.isPresent()) {
            catalogue.recovered(found.get().summary(), lost);
        } else {
            files.delete(page.id());
            if (lost > 0) {
                catalogue.lost(lost);
            }
        }
        taken.addAndGet(Math.max(0, more));
    }

    /** Has the catalogue write; false if there is no room, and the next look tries again. */
    private static boolean noted(Runnable note) {
        try {
            note.run();
            return true;
        } catch (JournalException e) {
            return failedForRoom(e);
        }
    }

    /**
     * Removes pages until the log is within its limits, and one more if the disk is full.
     *
     * @return false if it is above its limits, or the disk is full, and nothing may go
     */
    private boolean evict(boolean makeRoom) throws IOException {
        boolean one = makeRoom;
        while (one || isAboveLimit()) {
            List<PageSummary> order = order();
            if (order.isEmpty()) {
                lanes.forEach(LaneWriter::end);
                if (!open.someAreFull() || !completeAll()) {
                    return false;
                }
                continue;
            }
            for (PageSummary page : order) {
                if (!one && !isAboveLimit()) {
                    break;
                }
                departing.offer(page, files.page(page.id()));
                remove(page.id(), Loss.EVICTED);
                one = false;
            }
        }
        return true;
    }

    /** The complete pages in the order in which they go. */
    List<PageSummary> order() {
        List<PageSummary> pages = catalogue.pages();
        List<TimeRange> comments = new ArrayList<>();
        pages.forEach(page -> comments.addAll(page.comments()));
        open.all().forEach(page -> comments.addAll(page.summary().comments()));
        return retention.order(pages, comments);
    }

    /** Removes a complete page: first from the catalogue, then its files. */
    void remove(long id, Loss loss) throws IOException {
        catalogue.gone(id, loss);
        files.delete(id);
        files.syncNames();
        catalogue.removed(id);
    }

    /** Completes what is full, and ends the thread. Blocks as long as the disk does. */
    void close() {
        lock.lock();
        try {
            closing = true;
            asked++;
            work.signal();
        } finally {
            lock.unlock();
        }
        if (worker != null) {
            worker.join();
        }
    }
}
