package dev.forebay.bench.peers;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** How late a list is released by its age. Each record carries the time of its addition. */
enum Ages {
    LONELY("a lonely record, nothing else going on", 100),
    STREAMING("a record a millisecond", 100),
    BUSY("a lonely record, every core busy", 300);

    private static final long AGE = TimeUnit.MILLISECONDS.toNanos(AgedBuffer.AGE_MILLIS);
    private static final long MILLISECOND = 1_000_000;

    /** Lists before the first that counts: code that runs for the first time is slow. */
    private static final int WARM_UP = 5;

    final String words;

    /** Measured lists, enough for a p99. */
    final int lists;

    Ages(String words, int lists) {
        this.words = words;
        this.lists = lists;
    }

    /** Nanoseconds late of {@code lists} lists, ascending; below zero is early. */
    long[] measure(AgedBuffer buffer, int lists) throws InterruptedException {
        List<Long> late = new ArrayList<>();
        Semaphore out = new Semaphore(0);
        AtomicBoolean done = new AtomicBoolean();
        if (this == BUSY) {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                Thread.ofPlatform().daemon().start(() -> spin(done));
            }
        }
        try (AgedBuffer.Open open =
                buffer.open(list -> {
                    long due = ByteBuffer.wrap(list.getFirst()).getLong() + AGE;
                    synchronized (late) {
                        late.add(System.nanoTime() - due);
                    }
                    out.release();
                })) {
            for (int i = 0; i < WARM_UP + lists; i++) {
                open.add(stamped());
                if (this == STREAMING) {
                    while (!out.tryAcquire()) {
                        LockSupport.parkNanos(MILLISECOND);
                        open.add(stamped());
                    }
                } else {
                    out.acquire();
                }
            }
        } finally {
            done.set(true);
        }
        synchronized (late) {
            long[] sorted =
                    late.stream().skip(WARM_UP).limit(lists).mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return sorted;
        }
    }

    private static void spin(AtomicBoolean done) {
        while (!done.get()) {
            Thread.onSpinWait();
        }
    }

    private static byte[] stamped() {
        return ByteBuffer.allocate(Records.SIZE).putLong(System.nanoTime()).array();
    }
}
