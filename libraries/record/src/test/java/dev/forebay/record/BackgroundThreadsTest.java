package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.record.RecordException.Fault;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.RetryPolicy;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of a buffer: what cannot end them, and what the buffer does without one. */
@Timeout(60)
class BackgroundThreadsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Encodes each record once; a second time it throws. */
    private static final class OnceCodec implements Codec<String> {
        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public byte[] encode(String record) {
            if (calls.incrementAndGet() > 3) {
                throw new IllegalStateException("encoded again");
            }
            return Codec.strings().encode(record);
        }

        @Override
        public String decode(byte[] bytes) {
            return Codec.strings().decode(bytes);
        }
    }

    @Test
    void releaseByTimeIsDividedByTheSizesThatWereKnownFromAdd() throws Exception {
        for (boolean durable : new boolean[] {false, true}) {
            ManualClock clock = new ManualClock();
            RecordBufferBuilder<String> builder =
                    RecordBuffer.<String>of(Trigger.age(MINUTE))
                            .clock(clock)
                            .maxBatchBytes(2)
                            .codec(new OnceCodec());
            if (durable) {
                builder.disk(new SimulatedDisk()).journal(Path.of("/buffer"));
            }
            try (RecordBuffer<String> buffer = builder.open()) {
                List.of("a", "b", "c").forEach(buffer::add);
                clock.awaitWaiters(1);
                clock.advance(MINUTE);
                Batch<String> first = buffer.take(MINUTE).orElseThrow();
                assertThat(first.records()).containsExactly("a", "b");
                buffer.commit(first);
                Batch<String> second = buffer.take(MINUTE).orElseThrow();
                assertThat(second.records()).containsExactly("c");
                buffer.commit(second);
            }
        }
    }

    /** A clock that ends the release timer with an error, the first time that it waits. */
    private static final class DeadlyForTheTimer implements Clock {
        private final ManualClock clock = new ManualClock();

        @Override
        public long nanos() {
            return clock.nanos();
        }

        @Override
        public Instant wall() {
            return clock.wall();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // The caller loops; the contract says so.
        public void await(Lock lock, Condition condition, long deadlineNanos)
                throws InterruptedException {
            if (Thread.currentThread().getName().equals("forebay-record-timer")) {
                throw new OutOfMemoryError("injected");
            }
            clock.await(lock, condition, deadlineNanos);
        }
    }

    @Test
    void bufferWhoseTimerEndedRefusesRecordsAndStillGivesThoseItHas() throws Exception {
        DeadlyForTheTimer clock = new DeadlyForTheTimer();
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.anyOf(Trigger.atLeast(2), Trigger.age(MINUTE)))
                        .clock(clock)
                        .open();
        buffer.add(1); // The timer waits for its minute, and ends.
        RecordException told = null;
        while (told == null) {
            try {
                buffer.take(MINUTE); // Waits until the timer has ended.
            } catch (RecordException e) {
                told = e;
            }
        }
        assertThat(told.fault()).isEqualTo(Fault.FAILED);
        assertThat(told).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThatThrownBy(() -> buffer.add(2))
                .isInstanceOfSatisfying(
                        RecordException.class, e -> assertThat(e.fault()).isEqualTo(Fault.FAILED));
        assertThat(buffer.flush()).isEqualTo(1);
        Batch<Integer> batch = buffer.take(Duration.ZERO).orElseThrow();
        assertThat(batch.records()).containsExactly(1);
        buffer.commit(batch);
        buffer.close();
        buffer.close();
        assertThat(buffer.ledger().committed()).isEqualTo(1);
    }

    @Test
    void interruptLeftBehindByAListenerEndsNeitherTheTimerNorADelivery() throws Exception {
        ManualClock clock = new ManualClock();
        RecordListener listener =
                new RecordListener() {
                    @Override
                    public void released(Facts batch) {
                        Thread.currentThread().interrupt();
                    }

                    @Override
                    public void committed(Facts batch) {
                        Thread.currentThread().interrupt();
                    }
                };
        FailingOutlet<Integer> outlet = new FailingOutlet<>();
        try (RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.age(MINUTE))
                        .clock(clock)
                        .listener(listener)
                        .open()) {
            try (Delivery<Integer> delivery =
                    Delivery.start(buffer, outlet, RetryPolicy.defaults())) {
                for (int i = 1; i <= 5; i++) {
                    buffer.add(i);
                    while (buffer.ledger().committed() < i) {
                        clock.advance(MINUTE);
                        Thread.onSpinWait();
                    }
                }
                assertThat(delivery.stoppedBy()).isEmpty();
            }
        }
    }
}
