package dev.forebay.bench.peers;

import dev.forebay.base.Trigger;
import dev.forebay.record.RecordBuffer;
import dev.forebay.record.outlet.Batch;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The record buffer in memory; the thread that fills it takes and commits. */
final class OurBuffer implements HeldBuffer {
    private static final Duration AGE = Duration.ofMillis(AGE_MILLIS);

    @Override
    public long fill(int size, long records) throws InterruptedException {
        long out = 0;
        try (RecordBuffer<byte[]> buffer =
                RecordBuffer.<byte[]>of(
                                Trigger.anyOf(Trigger.moreThan(size - 1L), Trigger.age(AGE)))
                        .open()) {
            byte[] record = Records.ALL.getFirst();
            int left = size;
            for (long i = 0; i < records; i++) {
                buffer.add(record);
                if (--left == 0) {
                    left = size;
                    out += take(buffer, Duration.ZERO);
                }
            }
            for (long late = 1; late > 0; ) {
                late = take(buffer, Duration.ZERO);
                out += late;
            }
        }
        return out;
    }

    private static long take(RecordBuffer<byte[]> buffer, Duration deadline)
            throws InterruptedException {
        Optional<Batch<byte[]>> batch = buffer.take(deadline);
        if (batch.isEmpty()) {
            return 0;
        }
        buffer.commit(batch.get());
        return batch.get().size();
    }

    @Override
    public Open open(Consumer<List<byte[]>> released) {
        RecordBuffer<byte[]> buffer = RecordBuffer.<byte[]>of(Trigger.age(AGE)).open();
        Thread taker = Thread.ofPlatform().daemon().start(() -> takeAll(buffer, released));
        return new Open() {
            @Override
            public void add(byte[] record) {
                buffer.add(record);
            }

            @Override
            public void close() throws InterruptedException {
                taker.interrupt();
                taker.join();
                buffer.close();
            }
        };
    }

    private static void takeAll(RecordBuffer<byte[]> buffer, Consumer<List<byte[]>> released) {
        try {
            while (true) {
                Optional<Batch<byte[]>> batch = buffer.take(Duration.ofSeconds(10));
                if (batch.isPresent()) {
                    released.accept(batch.get().records());
                    buffer.commit(batch.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The buffer is closed.
        }
    }
}
