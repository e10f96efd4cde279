package dev.forebay.bench.peers;

import dev.forebay.bench.record.FloorBuffer;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

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
    public void age(int times, List<Long> late) throws InterruptedException {
        Semaphore released = new Semaphore(0);
        try (FloorBuffer<byte[]> buffer =
                new FloorBuffer<>(1000, AGE_NANOS, list -> released.release(list.size()))) {
            for (int i = 0; i < times; i++) {
                long due = System.nanoTime() + AGE_NANOS;
                buffer.add(Records.ALL.getFirst());
                released.acquire();
                late.add(System.nanoTime() - due);
            }
        }
    }
}
