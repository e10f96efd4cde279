package dev.forebay.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The log of a run that may have none yet.
 *
 * <p><b>Guarantee.</b> A reader that follows waits for the log until there is one, or until {@link
 * #close} says that there will be none. Safe for use by many threads.
 */
final class LateLog {
    private final long run;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private @Nullable RunLog log;

    @GuardedBy("lock")
    private boolean closed;

    LateLog(long run) {
        this.run = run;
    }

    void show(RunLog opened) {
        lock.lock();
        try {
            log = opened;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** No reader waits any longer for a log that is not there. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable RunLog await(boolean wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (wait && log == null && !closed) {
                changed.await();
            }
            return log;
        } finally {
            lock.unlock();
        }
    }

    LogReader read(LogQuery query) {
        return new LateReader(query);
    }

    /** Opens the log when the first line is asked for. */
    private final class LateReader implements LogReader {
        private final LogQuery query;
        private @Nullable LogReader lines;

        LateReader(LogQuery query) {
            this.query = query;
        }

        @Override
        public @Nullable LogLine next() throws InterruptedException {
            if (lines == null) {
                RunLog opened = await(query.follow());
                if (opened == null) {
                    return null;
                }
                try {
                    lines = opened.read(query);
                } catch (RunLogException e) {
                    throw e.getCause() instanceof NoSuchFileException
                            ? new NoSuchRunException(run) // Forgotten meanwhile.
                            : e;
                }
            }
            return lines.next();
        }

        @Override
        public void close() {
            if (lines != null) {
                lines.close();
            }
        }
    }
}
