package dev.forebay.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The records of a past that were neither committed nor dropped, by sequence number.
 *
 * <p>Numbers come in rising order with few holes, so they are places in arrays. Each operation
 * costs what it touches, and a hole costs one place.
 */
final class KeptRecords<T> {
    private @Nullable Object[] records = new Object[1024];
    private int[] bytes = new int[1024];
    private long[] micros = new long[1024];

    /** The sequence number of the first place. */
    private long base = 1;

    /** How many places at the beginning are free. */
    private int head;

    /** The first place that was never used. */
    private int end;

    private int count;

    /** Keeps a record; a later one with the same number replaces it. */
    void put(long sequence, T record, int encodedBytes, long timeMicros) {
        if (count == 0) {
            base = sequence;
            head = 0;
            end = 0;
        } else if (sequence < base + head) {
            makeRoomInFront(sequence);
        }
        int place = placeFor(sequence);
        if (records[place] == null) {
            count++;
        }
        records[place] = record;
        bytes[place] = encodedBytes;
        micros[place] = timeMicros;
    }

    private int placeFor(long sequence) {
        if (sequence - base >= records.length) {
            slideOrGrow(sequence);
        }
        int place = Math.toIntExact(sequence - base);
        end = Math.max(end, place + 1);
        return place;
    }

    private void slideOrGrow(long sequence) {
        long needed = sequence - base - head + 1;
        int size = records.length;
        while (size / 2 < needed) { // At least half of the places are free after a slide.
            size = Math.multiplyExact(size, 2);
        }
        move(head, size, 0);
    }

    private void makeRoomInFront(long sequence) {
        int more = Math.toIntExact(base + head - sequence);
        move(head, Math.max(records.length, Math.addExact(end - head, more) * 2), more);
    }

    /** Moves the used places, which begin at {@code from}, to {@code to} in arrays of this size. */
    private void move(int from, int size, int to) {
        int used = end - from;
        records = moved(records, new @Nullable Object[size], from, to, used);
        bytes = moved(bytes, new int[size], from, to, used);
        micros = moved(micros, new long[size], from, to, used);
        base = base + from - to;
        head = to;
        end = to + used;
    }

    private static <A> A moved(A source, A target, int from, int to, int used) {
        System.arraycopy((Object) source, from, (Object) target, to, used);
        return target;
    }

    int count() {
        return count;
    }

    int count(long first, long last) {
        int found = 0;
        for (int i = from(first); i < to(last); i++) {
            found += records[i] == null ? 0 : 1;
        }
        return found;
    }

    private int from(long first) {
        return Math.clamp(first - base, head, end);
    }

    private int to(long last) {
        return Math.clamp(last - base + 1, head, end);
    }

    /** Takes the records with these numbers away, and gives their number. */
    int remove(long first, long last) {
        int gone = 0;
        int to = to(last);
        for (int i = from(first); i < to; i++) {
            if (records[i] != null) {
                records[i] = null;
                gone++;
            }
        }
        while (head < end && records[head] == null) {
            head++;
        }
        count -= gone;
        return gone;
    }

    /** The records with these numbers, in order. */
    @SuppressWarnings("unchecked") // Only put fills the array.
    List<T> records(long first, long last) {
        int from = from(first);
        int to = to(last);
        List<T> found = new ArrayList<>(Math.max(0, to - from));
        for (int i = from; i < to; i++) {
            if (records[i] != null) {
                found.add((T) records[i]);
            }
        }
        return found;
    }

    /** The encoded bytes of {@link #records}, in order. */
    int[] bytes(long first, long last) {
        int from = from(first);
        int to = Math.max(from, to(last));
        int[] found = new int[to - from];
        int size = 0;
        for (int i = from; i < to; i++) {
            if (records[i] != null) {
                found[size++] = bytes[i];
            }
        }
        return size == found.length ? found : Arrays.copyOf(found, size);
    }

    /** The first number from {@code sequence} on that is kept, or 0. */
    long next(long sequence) {
        for (int i = from(sequence); i < end; i++) {
            if (records[i] != null) {
                return base + i;
            }
        }
        return 0;
    }

    /** When the record was added, in microseconds since 1970. */
    long micros(long sequence) {
        return micros[Math.toIntExact(sequence - base)];
    }

    /** The last number that is kept, or 0. */
    long last() {
        for (int i = end - 1; i >= head; i--) {
            if (records[i] != null) {
                return base + i;
            }
        }
        return 0;
    }
}
