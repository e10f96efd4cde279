package dev.forebay.record;

import dev.forebay.base.Clock;
import dev.forebay.base.TriggerWatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The records that are held back, their sizes, and the watch that says when they go. A component of
 * {@link BufferState}.
 *
 * <p>Every method closes the {@link TurnList} first and tells the watch of the records that came
 * without the lock, so that list and watch agree from there on.
 */
final class HeldRecords<T> {
    /** The records; adders without the lock have it too. */
    final TurnList<T> list;

    final TriggerWatch<T> watch;

    /** The same watch, asked about records. */
    private final RecordWatch<T> matches;

    private final boolean measures;

    /** Whether the watch needs to know when records were released, not only that they went. */
    private final boolean datesReleases;

    /** The encoded bytes of each, as they were measured when it came; empty if nothing measures. */
    private int[] sizes = ReleasedBatch.UNMEASURED;

    /** How many of the records the watch knows. */
    private int noted;

    HeldRecords(RecordWatch<T> matches, Clock clock, boolean asksLastRelease, boolean measures) {
        this.matches = matches;
        this.measures = measures;
        watch = matches.facts;
        list = new TurnList<>(watch.hasTime() ? clock : null);
        datesReleases = asksLastRelease || !watch.plain();
    }

    /** Allows {@code count} records without the lock; the last thing before it is given back. */
    void open(long count) {
        list.open(count);
    }

    /** Ends adding without the lock. */
    void settle() {
        if (list.close()) {
            int easily = list.records().size() - noted;
            if (easily > 0) {
                noted += easily;
                watch.caughtUp(easily, list.cameAt());
            }
        }
    }

    /** Takes in one record; whether it is time to release. */
    boolean add(T record, int size, long answer) {
        settle();
        long at = watch.readingForNext(); // First, so that a clock that throws changes nothing.
        List<T> records = list.records();
        if (measures) {
            measure(records.size(), size);
        }
        records.add(record);
        noted++;
        return matches.added(records, size, answer, at);
    }

    private void measure(int index, int size) {
        if (index >= sizes.length) {
            sizes = Arrays.copyOf(sizes, Math.max(16, index + (index >> 1)));
        }
        sizes[index] = size;
    }

    /** Takes up the records of an earlier run; {@code next} is the number of the next one. */
    void resume(List<T> held, int[] heldSizes, long next) {
        list.replace(new ArrayList<>(held), next - held.size());
        sizes = heldSizes;
        noted = held.size();
    }

    /** Takes up the ages of the records that were {@link #resume}d. */
    void resumeAges(long bytes, Duration ageOfFirst, Duration ageOfLast) {
        matches.resume(list.records(), bytes, ageOfFirst, ageOfLast);
    }

    List<T> records() {
        settle();
        return list.records();
    }

    /** The encoded bytes of each record; longer than there are records, or empty. */
    int[] sizes() {
        return sizes;
    }

    int size() {
        settle();
        return list.records().size();
    }

    long first() {
        return list.first();
    }

    /** The sequence number of the next record. */
    long next() {
        settle();
        return list.first() + list.records().size();
    }

    long predicateFailures() {
        return matches.predicateFailures();
    }

    /** Takes all records away; the list that they were in is the caller's. */
    void letGo() {
        settle();
        int size = list.records().size();
        List<T> next = new ArrayList<>(size);
        if (datesReleases) {
            matches.released(); // Reads the clock, before anything has changed.
        } else {
            watch.dropped(noted, watch.bytes());
        }
        list.replace(next, list.first() + size);
        sizes = measures ? new int[sizes.length] : sizes;
        noted = 0;
    }

    /** Takes the first {@code count} away, of {@code size} bytes; the rest keeps its ages. */
    void letGoFirst(int count, long size) {
        settle();
        if (measures) {
            sizes = Arrays.copyOfRange(sizes, count, sizes.length);
        }
        List<T> records = list.records();
        records.subList(0, count).clear();
        list.replace(records, list.first() + count);
        noted -= count;
        watch.dropped(count, size);
    }

    /** Takes the oldest record away. */
    void dropOldest() {
        settle();
        letGoFirst(1, measures ? sizes[0] : 0);
    }
}
