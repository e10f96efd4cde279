package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of one buffer, the oldest records first, how many it may have, and which of them
 * are being replayed. A component of {@link BufferState}.
 *
 * <p>An opening takes all that are there, whatever the limits are now.
 */
final class DeadLetters<T> {
    /** A letter, its encoded bytes, and the first frame of the journal that is needed for it. */
    record Entry<T>(DeadLetter<T> letter, long bytes, long position) {}

    private final long maxRecords;
    private final long maxBytes;

    /** By the sequence number of the first record. */
    private final NavigableMap<Long, Entry<T>> all = new TreeMap<>();

    /** The batches whose letters a call is replaying or discarding. */
    private final Set<Long> claimed = new HashSet<>();

    /** What the records were given, by batch, if the letter could not be forgotten after that. */
    private final Map<Long, Receipt> receipts = new HashMap<>();

    private long records;
    private long bytes;

    DeadLetters(long maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    /** Throws unless there is room for this batch too. */
    void checkRoom(ReleasedBatch<T> batch) {
        if (records + batch.size() > maxRecords || bytes + batch.bytes() > maxBytes) {
            throw new RecordException(
                    Fault.DEAD_LETTERS_FULL,
                    "no room for %s among the dead letters: they have %d of %d records and %d of %d bytes; replay or discard some, or raise the limit"
                            .formatted(batch, records, maxRecords, bytes, maxBytes));
        }
    }

    void put(Entry<T> entry) {
        remove(entry.letter.first());
        all.put(entry.letter.first(), entry);
        records += entry.letter.records().size();
        bytes += entry.bytes;
    }

    private void remove(long first) {
        Entry<T> gone = all.remove(first);
        if (gone != null) {
            records -= gone.letter.records().size();
            bytes -= gone.bytes;
        }
    }

    void remove(DeadLetter<T> letter) {
        remove(letter.first());
        receipts.remove(letter.batch());
    }

    /**
     * Claims the letter for one call until {@link #end}.
     *
     * @return what its records were given if they were added before
     * @throws RecordException if there is no such letter, or another call has it
     */
    @Nullable Receipt begin(DeadLetter<T> letter) {
        Entry<T> there = all.get(letter.first());
        if (there == null || there.letter.batch() != letter.batch()) {
            throw new RecordException(
                    Fault.WRONG_BATCH,
                    "no dead letter of batch %d: it was replayed or discarded before; ask for deadLetters again"
                            .formatted(letter.batch()));
        }
        if (!claimed.add(letter.batch())) {
            throw new RecordException(
                    Fault.WRONG_BATCH,
                    "the dead letter of batch %d is being replayed or discarded by another call; ask for deadLetters again when that has returned"
                            .formatted(letter.batch()));
        }
        return receipts.get(letter.batch());
    }

    void end(DeadLetter<T> letter) {
        claimed.remove(letter.batch());
    }

    /** The records of the letter were added. */
    void added(DeadLetter<T> letter, Receipt receipt) {
        receipts.put(letter.batch(), receipt);
    }

    List<DeadLetter<T>> list() {
        return all.values().stream().map(Entry::letter).toList();
    }

    int size() {
        return all.size();
    }

    /** Whether this entry is still there, in its present place. */
    boolean has(Entry<T> entry) {
        return entry.equals(all.get(entry.letter.first()));
    }

    /** The first frame that is needed for any of them. */
    long needed() {
        return all.values().stream().mapToLong(Entry::position).min().orElse(Long.MAX_VALUE);
    }

    /** Those that need a frame in front of {@code position}. */
    List<Entry<T>> before(long position) {
        return all.values().stream().filter(entry -> entry.position < position).toList();
    }
}
