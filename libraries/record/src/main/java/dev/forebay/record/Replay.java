package dev.forebay.record;

import dev.forebay.journal.Frame;
import dev.forebay.record.outlet.Cause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a journal says about a buffer: the entries of its past, played again in order. The cost of
 * an entry is the number of records that it names, and the logarithm of the waiting batches.
 *
 * <p>The newest counters override those that were played, because frames in front of them may be
 * trimmed. For use by one thread.
 */
final class Replay<T> {
    /** A batch that was released and not committed. */
    record Waiting(long id, long first, long last, Cause cause, long position, long micros) {
        int size() {
            return (int) (last - first + 1);
        }
    }

    final KeptRecords<T> kept = new KeptRecords<>();

    /** The waiting batches by their first record; no two have a record in common. */
    final NavigableMap<Long, Waiting> batches = new TreeMap<>();

    final Map<Long, DeadLetters.Entry<T>> dead = new HashMap<>();
    final FramePositions positions = new FramePositions();
    final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    long committed;
    long nextSequence = 1;
    long nextBatch = 1;

    /** Frames that were set aside as damaged. */
    long lostFrames;

    /** Those of them behind the last entry that says how far the numbers had come. */
    long lostSinceNumbered;

    private final Codec<T> codec;

    /** How often a batch that waits has failed, by its id; nothing if never. */
    private final Map<Long, Integer> failures = new HashMap<>();

    /** Records of dead letters on their way to the end of the journal, by the id of the batch. */
    private final Map<Long, Carried<T>> carried = new HashMap<>();

    private static final class Carried<T> {
        final long position;
        final List<T> records = new ArrayList<>();
        long bytes;

        Carried(long position) {
            this.position = position;
        }
    }

    Replay(Codec<T> codec) {
        this.codec = codec;
    }

    /** Frames are missing here. */
    void miss(long count) {
        lostFrames += count;
        lostSinceNumbered += count;
    }

    void play(Frame frame) {
        long position = frame.sequence();
        switch (LogEntry.decode(frame.flags(), frame.payload(), position)) {
            case LogEntry.Added(long sequence, byte[] encoded) -> {
                kept.put(sequence, codec.decode(encoded), encoded.length, micros(frame));
                positions.note(sequence, position);
                nextSequence = sequence + 1;
                lostSinceNumbered = 0;
            }
            case LogEntry.Released(long id, long first, long last, Cause cause) ->
                    release(new Waiting(id, first, last, cause, position, micros(frame)), 0);
            case LogEntry.Committed(long id, long first, long last) -> {
                leave(id, first);
                committed += kept.remove(first, last);
            }
            case LogEntry.Dropped(long first, long last, DropReason reason) -> {
                if (first == 0) {
                    dropped.merge(reason, last, Long::sum);
                } else {
                    drop(first, last, reason);
                }
            }
            case LogEntry.Failed(long id) -> failures.merge(id, 1, Integer::sum);
            case LogEntry.DeadLettered(long id, long first, long last, String reason) -> {
                List<T> records = kept.records(first, last);
                long bytes = 0;
                for (int size : kept.bytes(first, last)) {
                    bytes += size;
                }
                drop(first, last, DropReason.DEAD_LETTER);
                bury(id, first, reason, records, bytes, positions.of(first));
            }
            case LogEntry.Split split -> split(split, position, micros(frame));
            case LogEntry.Forgotten(long id) -> dead.remove(id);
            case LogEntry.Counters counters -> {
                committed = counters.committed();
                nextSequence = counters.next();
                nextBatch = counters.nextBatch();
                dropped.putAll(counters.dropped());
                lostSinceNumbered = 0;
            }
            case LogEntry.CarriedRecord(long batch, long index, byte[] encoded) -> {
                if (index == 0) {
                    carried.put(batch, new Carried<>(position));
                }
                Carried<T> letter = carried.get(batch);
                if (letter != null) {
                    letter.records.add(codec.decode(encoded));
                    letter.bytes += encoded.length;
                }
            }
            case LogEntry.CarriedLetter(long batch, long first, String reason) -> {
                Carried<T> letter = carried.remove(batch);
                if (letter != null) { // Else it was carried again, and this was trimmed in part.
                    bury(batch, first, reason, letter.records, letter.bytes, letter.position);
                }
            }
        }
    }

    private static long micros(Frame frame) {
        Instant time = frame.time();
        return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
    }

    private void bury(
            long id, long first, String reason, List<T> records, long bytes, long position) {
        DeadLetter<T> letter = new DeadLetter<>(id, first, reason, records);
        dead.put(id, new DeadLetters.Entry<>(letter, bytes, position));
    }

    private void split(LogEntry.Split split, long position, long micros) {
        int failed = leave(split.id(), split.first());
        Cause cause = split.cause();
        long middle = split.second();
        release(
                new Waiting(split.left(), split.first(), middle - 1, cause, position, micros),
                failed);
        release(new Waiting(split.right(), middle, split.last(), cause, position, micros), failed);
    }

    /** The batch does not wait any more; how often it had failed. */
    private int leave(long id, long first) {
        Waiting batch = batches.get(first);
        if (batch != null && batch.id == id) {
            batches.remove(first);
        }
        @Nullable Integer failed = failures.remove(id);
        return failed == null ? 0 : failed;
    }

    private void release(Waiting batch, int failed) {
        // A release that could be noted only in part was made again under other ids.
        Map.Entry<Long, Waiting> old = batches.floorEntry(batch.last);
        while (old != null && old.getValue().last >= batch.first) {
            leave(old.getValue().id, old.getKey());
            old = batches.floorEntry(batch.last);
        }
        batches.put(batch.first, batch);
        if (failed > 0) {
            failures.put(batch.id, failed);
        }
        nextBatch = Math.max(nextBatch, batch.id + 1);
    }

    private void drop(long first, long last, DropReason reason) {
        dropped.merge(reason, (long) kept.remove(first, last), Long::sum);
        List<Waiting> gone = new ArrayList<>();
        for (Waiting batch : batches.subMap(first, true, last, true).values()) {
            if (batch.last <= last) {
                gone.add(batch);
            }
        }
        gone.forEach(batch -> leave(batch.id, batch.first));
    }

    /** How often the batch has failed. */
    int failures(Waiting batch) {
        return failures.getOrDefault(batch.id, 0);
    }

    /** The first record behind all waiting batches. */
    long firstHeld() {
        Map.Entry<Long, Waiting> last = batches.lastEntry();
        return last == null ? 0 : last.getValue().last + 1;
    }
}
