package dev.forebay.record;

import dev.forebay.base.TriggerWatch;
import java.util.ArrayList;
import java.util.List;

/**
 * The records that are held back, and the watch that says when they go. The buffer's lock is held.
 */
class Holding<T> {
    final TriggerWatch<T> watch;
    private List<T> records = new ArrayList<>();

    /** The sequence number of the first of them, or of the next record. */
    private long first = 1;

    Holding(TriggerWatch<T> watch) {
        this.watch = watch;
    }

    /** Takes in one record; whether it is time to release. */
    boolean add(T record, long size, long answer) {
        records.add(record);
        return watch.added(records, size, answer);
    }

    /** Takes up what was held before a reopening, and where the numbers go on. */
    void resume(List<T> held, long next) {
        records = new ArrayList<>(held);
        first = next - held.size();
    }

    List<T> records() {
        return records;
    }

    int size() {
        return records.size();
    }

    long first() {
        return first;
    }

    /** The sequence number of the next record. */
    long next() {
        return first + records.size();
    }

    /** Everything goes; the list is the caller's. */
    List<T> letGo() {
        List<T> all = records;
        records = new ArrayList<>(all.size());
        first += all.size();
        watch.released();
        return all;
    }

    T oldest() {
        return records.getFirst();
    }

    /** The oldest goes alone. */
    void dropOldest(long size) {
        records.removeFirst();
        first++;
        watch.dropped(1, size);
    }
}
