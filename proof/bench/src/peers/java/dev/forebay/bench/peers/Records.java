package dev.forebay.bench.peers;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The records that are written, a thousand different ones in turn, and the comparison with what is
 * read back: each as often as it was acknowledged, and in order if one thread wrote.
 */
final class Records {
    static final int SIZE = 100;
    static final int COUNT = 1000;
    static final List<byte[]> ALL = IntStream.range(0, COUNT).mapToObj(Records::record).toList();

    private final long[] owed = new long[COUNT];
    private final boolean ordered;
    private long read;

    Records(boolean ordered) {
        this.ordered = ordered;
    }

    private static byte[] record(int number) {
        ByteBuffer bytes = ByteBuffer.allocate(SIZE).putInt(number);
        while (bytes.hasRemaining()) {
            bytes.put((byte) (number * 31 + bytes.position()));
        }
        return bytes.array();
    }

    /** {@code count} records in turn were acknowledged, beginning with the first. */
    void acknowledged(long count) {
        for (int i = 0; i < COUNT; i++) {
            owed[i] += count / COUNT + (i < count % COUNT ? 1 : 0);
        }
    }

    void read(byte[] record) {
        int number = record.length == SIZE ? ByteBuffer.wrap(record).getInt() : -1;
        if (number < 0
                || number >= COUNT
                || !Arrays.equals(record, ALL.get(number))
                || ordered && number != read % COUNT) {
            throw new IllegalStateException(
                    "record " + read + " reads back as " + Arrays.toString(record));
        }
        owed[number]--;
        read++;
    }

    /** Throws unless exactly the acknowledged records were read. */
    void check() {
        for (int i = 0; i < COUNT; i++) {
            if (owed[i] != 0) {
                throw new IllegalStateException(
                        "record " + i + ": " + owed[i] + " more acknowledged than read back");
            }
        }
    }
}
