package dev.forebay.bddf;

import java.util.Arrays;
import java.util.List;

/** A list of longs that takes eight bytes for each. For use by one thread. */
final class LongList {
    private static final long[] EMPTY = {};

    private long[] values = EMPTY;
    private int size;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.max(8, size + (size >> 1)));
        }
        values[size++] = value;
    }

    /** The first {@code count} numbers, for another thread to read while this list grows. */
    LongList first(int count) {
        LongList list = new LongList();
        list.values = values; // Only grows behind size, or in another array.
        list.size = count;
        return list;
    }

    int size() {
        return size;
    }

    long get(int index) {
        if (index >= size) {
            throw new IndexOutOfBoundsException("%d of %d".formatted(index, size));
        }
        return values[index];
    }

    List<Long> boxed() {
        return size == 0 ? List.of() : Arrays.stream(values, 0, size).boxed().toList();
    }

    long[] toArray() {
        return range(0, size);
    }

    /** The numbers from {@code begin} to before {@code end}. */
    long[] range(int begin, int end) {
        return begin == end ? EMPTY : Arrays.copyOfRange(values, begin, end);
    }
}
