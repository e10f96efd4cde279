package dev.forebay.bench.peers;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

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
    public Open open(Consumer<List<byte[]>> released) {
        Sinks.Many<byte[]> sink = Sinks.many().unicast().onBackpressureBuffer();
        Disposable lists = sink.asFlux().bufferTimeout(ENDLESS, AGE).subscribe(released);
        return new Open() {
            @Override
            public void add(byte[] record) {
                sink.tryEmitNext(record).orThrow();
            }

            @Override
            public void close() {
                lists.dispose();
            }
        };
    }
}
