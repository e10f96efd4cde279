package dev.forebay.bench.record;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of 100 bytes that carry their number, and the check that none is missing, doubled or out
 * of order. They are made before anything is measured; numbers begin again after {@link #COUNT}.
 */
final class NumberedRecords {
    private static final int SIZE = 100;

    /** A multiple of the records in a batch. */
    private static final int COUNT = 10_000;

    private final List<byte[]> records = new ArrayList<>(COUNT);
    private long next;
    private long seen;

    NumberedRecords() {
        for (int i = 0; i < COUNT; i++) {
            records.add(ByteBuffer.allocate(SIZE).putInt(i).array());
        }
    }

    /** The next {@code count} records, of which {@link #COUNT} must be a multiple. */
    List<byte[]> next(int count) {
        int from = (int) (next % COUNT);
        next += count;
        return records.subList(from, from + count);
    }

    /**
     * Checks that {@code batch} is the {@code size} records behind those of the last call. It takes
     * the records and not their batch, whose package is another one in older builds.
     */
    void check(List<byte[]> batch, int size) {
        if (batch.size() != size) {
            throw new IllegalStateException(
                    "expected a batch of %d records, found %d".formatted(size, batch.size()));
        }
        for (byte[] record : batch) {
            int number = ByteBuffer.wrap(record).getInt();
            if (record.length != SIZE || number != seen % COUNT) {
                throw new IllegalStateException(
                        "expected record %d of %d bytes, found record %d of %d bytes"
                                .formatted(seen % COUNT, SIZE, number, record.length));
            }
            seen++;
        }
    }

    long seen() {
        return seen;
    }
}
