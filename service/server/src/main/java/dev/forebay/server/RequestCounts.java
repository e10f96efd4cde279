package dev.forebay.server;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What was asked and answered since the start; not what the HTTP library itself refused. Routes are
 * patterns, so their number is bounded whatever clients send. Safe for use by many threads; never
 * blocks.
 */
final class RequestCounts {
    /** The route of requests that fit none. */
    static final String NO_ROUTE = "none";

    /** The status of answers that were cut off. */
    static final String CUT = "cut";

    /** Answers that are counted together. */
    record Kind(String method, String route, String status) {}

    /** How many there were, and the nanoseconds that they took together. */
    record Sums(LongAdder count, LongAdder nanos) {}

    private final Map<Kind, Sums> kinds = new ConcurrentHashMap<>();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();

    /** Has sums, of nothing yet, for answers of this route, so that a first one is a step up. */
    void expect(Route route) {
        for (String status : List.of("200", "500")) {
            Sums _ = sums(new Kind(route.method(), route.pattern(), status));
        }
    }

    private Sums sums(Kind kind) {
        return kinds.computeIfAbsent(kind, _ -> new Sums(new LongAdder(), new LongAdder()));
    }

    /**
     * Counts an answer.
     *
     * @param in bytes of the body of the request that were read
     * @param out bytes of the body of the answer that were written
     */
    void answered(Kind kind, long nanos, long in, long out) {
        Sums sums = sums(kind);
        sums.count.increment();
        sums.nanos.add(nanos);
        bytesIn.add(Math.max(0, in));
        bytesOut.add(Math.max(0, out));
    }

    Map<Kind, Sums> kinds() {
        return Map.copyOf(kinds);
    }

    long bytesIn() {
        return bytesIn.sum();
    }

    long bytesOut() {
        return bytesOut.sum();
    }
}
