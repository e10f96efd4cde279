package dev.forebay.bench.peers;

import dev.forebay.bench.record.FloorBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** A list, a lock and a timer. */
final class FloorHeld implements HeldBuffer {
    private static final long AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(AGE_MILLIS);

    @Override
    public long fill(int size, long records) {
        LongAdder out = new LongAdder();
        try (FloorBuffer<byte[]> buffer =
                new FloorBuffer<>(size - 1, AGE_NANOS, list -> out.add(list.size()))) {
            byte[] record = Records.ALL.getFirst();
            for (long i = 0; i < records; i++) {
                buffer.add(record);
            }
        }
        return out.sum();
    }

    @Override
    public Open open(Consumer<List<byte[]>> released) {
        FloorBuffer<byte[]> buffer = new FloorBuffer<>(ENDLESS, AGE_NANOS, released);
        return new Open() {
            @Override
            public void add(byte[] record) {
                buffer.add(record);
            }

            @Override
            public void close() {
                buffer.close();
            }
        };
    }
}
