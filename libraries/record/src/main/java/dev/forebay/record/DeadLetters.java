package dev.forebay.record;

import dev.forebay.record.RecordException.Fault;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The dead letters of one buffer, the oldest records first, and how many it may have. The buffer's
 * lock is held.
 *
 * <p>An opening takes all that are there, whatever the limits are now.
 */
final class DeadLetters<T> {
    /** A letter, its encoded bytes, and the first frame of the journal that is needed for it. */
    record Entry<T>(DeadLetter<T> letter, long bytes, long position) {}

    /** By the sequence number of the first record. */
    private final NavigableMap<Long, Entry<T>> all = new TreeMap<>();

    private final long maxRecords;
    private final long maxBytes;
    private long records;
    private long bytes;

    DeadLetters(long maxRecords, long maxBytes) {
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
    }

    /** That there is room for this batch too. */
    void checkRoom(Batch<T> batch) {
        if (records + batch.size() > maxRecords || bytes + batch.bytes() > maxBytes) {
            throw new RecordException(
                    Fault.DEAD_LETTERS_FULL,
                    "no room for "
                            + batch
                            + " among the dead letters: they have "
                            + records
                            + " of "
                            + maxRecords
                            + " records and "
                            + bytes
                            + " of "
                            + maxBytes
                            + " bytes; replay or discard some, or raise the limit");
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
    }

    /** That there is such a letter. */
    void check(DeadLetter<T> letter) {
        Entry<T> there = all.get(letter.first());
        if (there == null || there.letter.batch() != letter.batch()) {
            throw new RecordException(
                    Fault.WRONG_BATCH,
                    "no dead letter of batch "
                            + letter.batch()
                            + ": it was replayed or discarded before; ask for deadLetters again");
        }
    }

    List<DeadLetter<T>> list() {
        return all.values().stream().map(Entry::letter).toList();
    }

    int size() {
        return all.size();
    }

    /** Whether this entry, in its present place, is still there. */
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
