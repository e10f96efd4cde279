package dev.forebay.spot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many calls of clients that have not logged in are kept in the log: {@value #MOST} a minute.
 * Anyone who reaches the port can make such calls, and without a limit they would push what the
 * users recorded out of the allowance.
 *
 * <p>Safe for use by many threads; the lock is held for a few instructions.
 */
final class CallLimit {
    static final int MOST = 60;

    private static final Logger LOG = LoggerFactory.getLogger(CallLimit.class);
    private static final long WINDOW = TimeUnit.MINUTES.toNanos(1);

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** When the minute began that is counted now. */
    @GuardedBy("lock")
    private long began;

    @GuardedBy("lock")
    private int counted;

    CallLimit(Clock clock) {
        this.clock = clock;
        began = clock.nanos();
    }

    /**
     * Counts a call; whether it is to be kept. The first one that is not is told to the operator.
     */
    boolean admits() {
        boolean first;
        lock.lock();
        try {
            long now = clock.nanos();
            if (now - began >= WINDOW) {
                began = now;
                counted = 0;
            }
            if (counted < MOST) {
                counted++;
                return true;
            }
            first = counted == MOST;
            counted = MOST + 1;
        } finally {
            lock.unlock();
        }
        if (first) {
            LOG.warn(
                    "clients that have not logged in made more than {} calls within a minute; the rest of them is not kept in the log",
                    MOST);
        }
        return false;
    }
}
