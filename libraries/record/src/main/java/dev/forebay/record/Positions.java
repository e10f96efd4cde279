package dev.forebay.record;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Where in the journal each record stands. Records and frames are numbered alike except where a
 * note came in between, so only the distances that differ are kept. The buffer's lock is held.
 */
final class Positions {
    private final NavigableMap<Long, Long> distances = new TreeMap<>();

    /** Record {@code sequence}, which is later than those noted before, stands at this frame. */
    void note(long sequence, long position) {
        long distance = position - sequence;
        Map.Entry<Long, Long> last = distances.lastEntry();
        if (last == null || last.getValue() != distance) {
            distances.put(sequence, distance);
        }
    }

    /** The frame of a record, or one in front of it. */
    long of(long sequence) {
        Map.Entry<Long, Long> distance = distances.floorEntry(sequence);
        return distance == null ? 1 : sequence + distance.getValue();
    }

    /** Records in front of {@code sequence} are not asked for again. */
    void forgetBefore(long sequence) {
        Long needed = distances.floorKey(sequence);
        if (needed != null) {
            distances.headMap(needed, false).clear();
        }
    }
}
