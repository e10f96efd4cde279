package dev.forebay.bench.peers;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The machine's own limit: a thread waits until a record is old enough, and does nothing else.
 * Records that come meanwhile are released with it.
 */
final class BareWait implements AgedBuffer {
    private static final long AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(AGE_MILLIS);

    @Override
    public Open open(Consumer<List<byte[]>> released) {
        BlockingQueue<byte[]> added = new LinkedBlockingQueue<>();
        Thread waits = Thread.ofPlatform().daemon().start(() -> await(added, released));
        return new Open() {
            @Override
            public void add(byte[] record) {
                added.add(record);
            }

            @Override
            public void close() throws InterruptedException {
                waits.interrupt();
                waits.join();
            }
        };
    }

    private static void await(BlockingQueue<byte[]> added, Consumer<List<byte[]>> released) {
        try {
            while (true) {
                byte[] first = added.take();
                long due = ByteBuffer.wrap(first).getLong() + AGE_NANOS;
                for (long left = 1; left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                    if (Thread.interrupted()) {
                        return; // Closed.
                    }
                }
                added.clear();
                released.accept(List.of(first));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Closed.
        }
    }
}
