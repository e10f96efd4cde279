package dev.forebay.server;

import dev.forebay.spot.CallListener;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * The gRPC calls since the start, by method and status. Both are of bounded sets, whatever clients
 * send. Safe for use by many threads; never blocks.
 */
final class CallCounts implements CallListener {
    /** Calls that are counted together. */
    record Kind(String method, String status) {}

    /** How many there were, and the nanoseconds that they took together. */
    record Sums(LongAdder count, LongAdder nanos) {}

    private final Map<Kind, Sums> kinds = new ConcurrentHashMap<>();

    @Override
    public void serves(String method) {
        Sums _ = sums(new Kind(method, "OK"));
    }

    @Override
    public void ended(String method, String status, long nanos) {
        Sums sums = sums(new Kind(method, status));
        sums.count.increment();
        sums.nanos.add(nanos);
    }

    private Sums sums(Kind kind) {
        return kinds.computeIfAbsent(kind, _ -> new Sums(new LongAdder(), new LongAdder()));
    }

    Map<Kind, Sums> kinds() {
        return Map.copyOf(kinds);
    }
}
