package dev.forebay.datalog;

import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Keeps the newest of many messages. For use by one thread. */
final class Newest {
    /**
     * @param order the place among those with the same time
     */
    private record Timed(long nanos, long order, ByteBuffer message) {}

    private static final Comparator<Timed> OLDEST_FIRST =
            Comparator.comparingLong(Timed::nanos).thenComparingLong(Timed::order);

    private final int most;
    private final PriorityQueue<Timed> kept = new PriorityQueue<>(OLDEST_FIRST);
    private long seen;
    private boolean limited;

    Newest(int most) {
        this.most = most;
    }

    /** Whether a message of this time would be kept. */
    boolean wants(long nanos) {
        return kept.size() < most || nanos >= kept.element().nanos;
    }

    void add(long nanos, ByteBuffer message) {
        kept.add(new Timed(nanos, seen++, message));
        if (kept.size() > most) {
            kept.remove();
            limited = true;
        }
    }

    /** Whether some were left out. */
    boolean limited() {
        return limited;
    }

    List<ByteBuffer> oldestFirst() {
        return kept.stream().sorted(OLDEST_FIRST).map(Timed::message).toList();
    }
}
