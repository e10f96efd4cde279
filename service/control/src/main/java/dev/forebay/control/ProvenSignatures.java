package dev.forebay.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Signatures that were found authentic, each with the text it signs and the times in that text: a
 * transfer shows the same access URL with every block, and to check it takes the server as long as
 * the rest of a small request.
 *
 * <p><b>Guarantee.</b> A signature is known for exactly the text that it was proven for, byte by
 * byte. Nothing is remembered of those that failed, so they push nothing out.
 *
 * <p><b>Limit.</b> The {@link #MOST} that were asked for last. Safe for use by many threads; the
 * lock is not held while a signature is checked.
 */
final class ProvenSignatures {
    /** At about 500 bytes each. */
    static final int MOST = 4096;

    private record Proven(String text, String signature) {}

    /** When an access URL is valid, both ends included. */
    record Validity(Instant from, Instant until) {
        boolean holds(Instant now) {
            return !now.isBefore(from) && !now.isAfter(until);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<Proven, Validity> proven =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Proven, Validity> eldest) {
                    return size() > MOST;
                }
            };

    /** The times of a text whose signature was proven. */
    Optional<Validity> find(String text, String signature) {
        lock.lock();
        try {
            // It is the youngest now.
            return Optional.ofNullable(proven.get(new Proven(text, signature)));
        } finally {
            lock.unlock();
        }
    }

    void add(String text, String signature, Validity validity) {
        lock.lock();
        try {
            proven.put(new Proven(text, signature), validity);
        } finally {
            lock.unlock();
        }
    }
}
