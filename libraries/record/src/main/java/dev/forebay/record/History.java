package dev.forebay.record;

import dev.forebay.base.DamagedException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a journal says about a buffer: the frames of its past, played again in order.
 *
 * <p>The newest snapshot overrides the counters, because frames in front of it may be trimmed.
 */
final class History<T> {
    /** A record that was neither committed nor dropped. */
    record Kept<T>(Instant time, T record, int bytes) {}

    /** A batch that was released and not committed. */
    record Released(
            long id,
            long first,
            long last,
            Cause cause,
            int failures,
            long position,
            Instant time) {}

    final NavigableMap<Long, Kept<T>> kept = new TreeMap<>();
    final NavigableMap<Long, Released> batches = new TreeMap<>();
    final Map<Long, DeadLetters.Entry<T>> dead = new HashMap<>();
    final Positions positions = new Positions();
    final Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    long committed;
    long nextSequence = 1;
    long nextBatch = 1;

    /** Frames that were set aside as damaged. */
    long lostFrames;

    /** Those of them behind the last frame that says how far the numbers had come. */
    long lostSinceNumbered;

    private final Codec<T> codec;

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

    History(Codec<T> codec) {
        this.codec = codec;
    }

    void play(RecordLog.Stored entry) {
        ByteBuffer payload = entry.payload();
        switch (entry.kind()) {
            case Note.RECORD -> {
                long sequence = payload.getLong();
                byte[] bytes = Note.rest(payload);
                kept.put(sequence, new Kept<>(entry.time(), codec.decode(bytes), bytes.length));
                positions.note(sequence, entry.position());
                nextSequence = sequence + 1;
                lostSinceNumbered = 0;
            }
            case Note.BATCH -> {
                long id = payload.getLong();
                long first = payload.getLong();
                long last = payload.getLong();
                Cause cause = Cause.of(payload.getLong());
                release(new Released(id, first, last, cause, 0, entry.position(), entry.time()));
            }
            case Note.COMMIT -> {
                batches.remove(payload.getLong());
                committed += remove(payload.getLong(), payload.getLong()).size();
            }
            case Note.DROP -> {
                long first = payload.getLong();
                long last = payload.getLong();
                DropReason reason = DropReason.of(payload.getLong());
                if (first == 0) {
                    dropped.merge(reason, last, Long::sum);
                } else {
                    drop(first, last, reason);
                }
            }
            case Note.FAILED ->
                    batches.computeIfPresent(
                            payload.getLong(),
                            (_, b) ->
                                    new Released(
                                            b.id,
                                            b.first,
                                            b.last,
                                            b.cause,
                                            b.failures + 1,
                                            b.position,
                                            b.time));
            case Note.DEAD -> {
                long id = payload.getLong();
                long first = payload.getLong();
                long last = payload.getLong();
                long bytes = 0;
                for (Kept<T> record : kept.subMap(first, true, last, true).values()) {
                    bytes += record.bytes;
                }
                List<T> records = drop(first, last, DropReason.DEAD_LETTER);
                bury(id, first, payload, records, bytes, positions.of(first));
            }
            case Note.KEPT -> carry(entry.position(), payload);
            case Note.LETTER -> {
                long id = payload.getLong();
                long first = payload.getLong();
                Carried<T> letter = carried.remove(id);
                if (letter != null) { // Else it was carried again, and this was trimmed in part.
                    bury(id, first, payload, letter.records, letter.bytes, letter.position);
                }
            }
            case Note.SPLIT -> {
                Released whole = batches.remove(payload.getLong());
                long first = payload.getLong();
                long second = payload.getLong();
                long last = payload.getLong();
                Cause cause = Cause.of(payload.getLong());
                int failures = whole == null ? 0 : whole.failures;
                long a = payload.getLong();
                long b = payload.getLong();
                long position = entry.position();
                Instant time = entry.time();
                release(new Released(a, first, second - 1, cause, failures, position, time));
                release(new Released(b, second, last, cause, failures, position, time));
            }
            case Note.REPLAYED -> dead.remove(payload.getLong());
            case Note.SNAPSHOT -> snapshot(payload);
            case Note.GAP -> {
                long count = payload.getLong();
                lostFrames += count;
                lostSinceNumbered += count;
            }
            default ->
                    throw new DamagedException(
                            "frame "
                                    + entry.position()
                                    + " has kind "
                                    + entry.kind()
                                    + ", expected 0 to 10; it is not of a record buffer, or of a"
                                    + " later version: open it with that");
        }
    }

    private void bury(
            long id, long first, ByteBuffer text, List<T> records, long bytes, long position) {
        DeadLetter<T> letter = new DeadLetter<>(id, first, Note.text(text), records);
        dead.put(id, new DeadLetters.Entry<>(letter, bytes, position));
    }

    private void carry(long position, ByteBuffer payload) {
        long id = payload.getLong();
        if (payload.getLong() == 0) {
            carried.put(id, new Carried<>(position));
        }
        Carried<T> letter = carried.get(id);
        if (letter != null) {
            byte[] bytes = Note.rest(payload);
            letter.records.add(codec.decode(bytes));
            letter.bytes += bytes.length;
        }
    }

    private void release(Released batch) {
        // A release of which only a part could be noted was made again under other ids.
        batches.values().removeIf(old -> old.first <= batch.last && old.last >= batch.first);
        batches.put(batch.id, batch);
        nextBatch = Math.max(nextBatch, batch.id + 1);
    }

    private void snapshot(ByteBuffer payload) {
        committed = payload.getLong();
        nextSequence = payload.getLong();
        nextBatch = payload.getLong();
        lostSinceNumbered = 0;
        for (int code = 1; payload.hasRemaining(); code++) {
            dropped.put(DropReason.of(code), payload.getLong());
        }
    }

    private List<T> drop(long first, long last, DropReason reason) {
        List<T> gone = remove(first, last);
        dropped.merge(reason, (long) gone.size(), Long::sum);
        batches.values().removeIf(batch -> batch.first >= first && batch.last <= last);
        return gone;
    }

    private List<T> remove(long first, long last) {
        NavigableMap<Long, Kept<T>> range = kept.subMap(first, true, last, true);
        List<T> gone = new ArrayList<>(range.size());
        range.values().forEach(record -> gone.add(record.record));
        range.clear();
        return gone;
    }

    /**
     * The batches in the order of their records; halves of one have later ids than those behind.
     */
    List<Released> inOrder() {
        return batches.values().stream().sorted(Comparator.comparingLong(Released::first)).toList();
    }

    /** The records of a batch, in order. */
    NavigableMap<Long, Kept<T>> of(Released batch) {
        return kept.subMap(batch.first, true, batch.last, true);
    }

    /** The records that no batch has, in order. */
    NavigableMap<Long, Kept<T>> held() {
        @Nullable Long last = null;
        for (Released batch : batches.values()) {
            last = last == null ? batch.last : Math.max(last, batch.last);
        }
        return last == null ? kept : kept.tailMap(last, false);
    }
}
