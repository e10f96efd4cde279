package dev.forebay.bench.peers;

import reactor.core.Disposable;
import reactor.core.publisher.Sinks;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Reactor: a unicast sink, which refuses concurrent emissions, and {@code bufferTimeout}. */
final class ReactorBuffer implements HeldBuffer {
    private static final Duration AGE = Duration.ofMillis(AGE_MILLIS);

    @Override
    public long fill(int size, long records) {
        LongAdder out = new LongAdder();
        Sinks.Many<byte[]> sink = Sinks.many().unicast().onBackpressureBuffer();
        Disposable lists =
                sink.asFlux().bufferTimeout(size, AGE).subscribe(list -> out.add(list.size()));
        byte[] record = Records.ALL.getFirst();
        for (long i = 0; i < records; i++) {
            sink.tryEmitNext(record).orThrow();
        }
        sink.tryEmitComplete().orThrow();
        lists.dispose();
        return out.sum();
    }

    @Override
    public void age(int times, List<Long> late) throws InterruptedException {
        Semaphore released = new Semaphore(0);
        Sinks.Many<byte[]> sink = Sinks.many().unicast().onBackpressureBuffer();
        Disposable lists =
                sink.asFlux()
                        .bufferTimeout(1000, AGE)
                        .subscribe(list -> released.release(list.size()));
        for (int i = 0; i < times; i++) {
            long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(AGE_MILLIS);
            sink.tryEmitNext(Records.ALL.getFirst()).orThrow();
            released.acquire();
            late.add(System.nanoTime() - due);
        }
        lists.dispose();
    }
}
