package dev.forebay.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells which faults begin a state, so that a full disk is one line in the log and not one per
 * refused request. A state ends when its fault has not occurred for {@link #QUIET}.
 *
 * <p><b>Limit.</b> Of more than {@link #MOST} states at one time some may be logged again. Safe for
 * use by many threads; never blocks.
 */
final class FaultLog {
    static final Duration QUIET = Duration.ofMinutes(1);
    private static final int MOST = 1000;

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** When each state's fault was seen last, on the clock's nanoseconds. */
    @GuardedBy("lock")
    private final Map<String, Long> seen = new HashMap<>();

    FaultLog(Clock clock) {
        this.clock = clock;
    }

    /** Notes that the fault of {@code state} occurred; true if the state begins with it. */
    boolean begins(String state) {
        long now = clock.nanos();
        lock.lock();
        try {
            if (seen.size() >= MOST && !seen.containsKey(state)) {
                seen.values().removeIf(last -> now - last > QUIET.toNanos());
                if (seen.size() >= MOST) {
                    seen.clear();
                }
            }
            Long last = seen.put(state, now);
            return last == null || now - last > QUIET.toNanos();
        } finally {
            lock.unlock();
        }
    }
}
