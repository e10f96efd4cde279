package dev.forebay.identity;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.forebay.base.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the failed logins of each user from each source.
 *
 * <p><b>Guarantee.</b> After {@link #MOST} failures in a row, the user is locked out from that
 * source, and from no other, for {@link #TIME} since the last of them; what is asked meanwhile does
 * not lengthen it. A failure is forgotten after the same time, or by a login.
 *
 * <p><b>Limit.</b> It remembers {@link #LARGEST} pairs of user and source and then forgets the one
 * that failed longest ago. Each failure took a hash of {@link HashGate}, so that many do not come
 * together within {@link #TIME}. All is forgotten when the process ends.
 *
 * <p>Safe for use by many threads; the lock is held for a few instructions.
 */
final class Lockouts {
    static final int MOST = 6;
    static final Duration TIME = Duration.ofMinutes(1);
    static final int LARGEST = 10_000;

    private record Pair(String user, String source) {}

    private record Failures(int count, long last) {}

    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();

    /** The one that failed longest ago comes first. */
    @GuardedBy("lock")
    private final LinkedHashMap<Pair, Failures> failures = new LinkedHashMap<>();

    Lockouts(Clock clock) {
        this.clock = clock;
    }

    /** Until when the user is locked out from the source; empty if it is not. */
    Optional<Instant> until(String user, String source) {
        lock.lock();
        try {
            long now = clock.nanos();
            forgetUntil(now);
            Failures found = failures.get(new Pair(user, source));
            if (found == null || found.count < MOST) {
                return Optional.empty();
            }
            return Optional.of(clock.wall().plusNanos(found.last + TIME.toNanos() - now));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Counts the result of a password that was checked, unless the user was locked out meanwhile:
     * of passwords that are checked at once, no more than {@link #MOST} wrong ones get an answer.
     *
     * @return until when the user is locked out, so that the result must not be used; empty if it
     *     is not
     */
    Optional<Instant> count(String user, String source, boolean right) {
        lock.lock();
        try {
            Optional<Instant> locked = until(user, source);
            if (locked.isPresent()) {
                return locked;
            }
            Failures before = failures.remove(new Pair(user, source));
            if (!right) {
                int count = before == null ? 1 : before.count + 1;
                failures.put(new Pair(user, source), new Failures(count, clock.nanos()));
                if (failures.size() > LARGEST) {
                    failures.pollFirstEntry();
                }
            }
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void forgetUntil(long now) {
        Iterator<Failures> oldest = failures.values().iterator();
        while (oldest.hasNext() && now - oldest.next().last >= TIME.toNanos()) {
            oldest.remove();
        }
    }
}
