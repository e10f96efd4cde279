package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that add with and without the lock, release, look and take at the same time. */
@Timeout(600)
class ConcurrencyTest {
    private static final int ADDERS = 4;
    private static final int EACH = 30_000;
    private static final int ALL = ADDERS * EACH;

    /** By sequence number: the record that its adder was told has it. */
    private final AtomicLongArray told = new AtomicLongArray(ALL + 2);

    /** How often an adder was told a number that is not above its last one. */
    private final AtomicInteger backwards = new AtomicInteger();

    private void add(RecordBuffer<Integer> buffer, int from) {
        long last = 0;
        for (int i = from; i < from + EACH; i++) {
            long sequence = i % 7 == 0 ? buffer.put(i).first() : buffer.add(i);
            if (sequence <= last) {
                backwards.incrementAndGet();
            }
            told.set((int) sequence, i);
            last = sequence;
        }
    }

    private static List<Integer> consume(RecordBuffer<Integer> buffer) throws InterruptedException {
        List<Integer> seen = new ArrayList<>();
        while (seen.size() < ALL) {
            Optional<Batch<Integer>> batch = buffer.take(Duration.ofMinutes(1));
            assertThat(batch.orElseThrow().first()).isEqualTo(seen.size() + 1L);
            seen.addAll(batch.get().records());
            buffer.commit(batch.get());
        }
        return seen;
    }

    private static void look(RecordBuffer<Integer> buffer) {
        while (buffer.ledger().committed() < ALL) {
            Ledger ledger = buffer.ledger();
            assertThat(ledger.balances()).as("%s", ledger).isTrue();
            assertThat(buffer.gauges().held()).isNotNegative();
            buffer.flush();
        }
    }

    @Test
    void everyRecordHasTheNumberItsAdderWasToldAndComesOutOnceInThatOrder() throws Exception {
        for (Trigger<Integer> trigger :
                List.of(
                        Trigger.<Integer>anyOf(
                                Trigger.moreThan(10), Trigger.age(Duration.ofMillis(1))),
                        Trigger.<Integer>age(Duration.ofMillis(1)),
                        Trigger.<Integer>every(Duration.ofMillis(1)))) {
            for (int i = 0; i < told.length(); i++) {
                told.set(i, 0);
            }
            try (RecordBuffer<Integer> buffer = RecordBuffer.of(trigger).capacity(500).open();
                    ExecutorService threads = Executors.newCachedThreadPool()) {
                List<Future<?>> all = new ArrayList<>();
                for (int adder = 0; adder < ADDERS; adder++) {
                    int from = 1 + adder * EACH;
                    all.add(threads.submit(() -> add(buffer, from)));
                }
                all.add(threads.submit(() -> look(buffer)));
                List<Integer> seen = threads.submit(() -> consume(buffer)).get();
                for (Future<?> one : all) {
                    one.get();
                }
                assertThat(backwards).hasValue(0);
                for (int i = 0; i < ALL; i++) {
                    assertThat((long) seen.get(i)).isEqualTo(told.get(i + 1));
                }
            }
        }
    }
}
