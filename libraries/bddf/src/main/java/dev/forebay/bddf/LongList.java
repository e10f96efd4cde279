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
        return Arrays.stream(values, 0, size).boxed().toList();
    }

    long[] toArray() {
        return size == 0 ? EMPTY : Arrays.copyOf(values, size);
    }
}
