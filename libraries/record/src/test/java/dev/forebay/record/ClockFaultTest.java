package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Test;

/** A clock that throws in the caller's thread, in the middle of a release. */
class ClockFaultTest {
    /** More than a flush and a take make. */
    private static final int CALLS = 12;

    /** Throws once, at a chosen call of the thread that made it. */
    private static final class FailingClock implements Clock {
        private final Clock clock = Clock.system();
        private final Thread victim = Thread.currentThread();
        private int left = Integer.MAX_VALUE;

        private void called() {
            if (Thread.currentThread().equals(victim) && --left == 0) {
                throw new IllegalStateException("injected");
            }
        }

        @Override
        public long nanos() {
            called();
            return clock.nanos();
        }

        @Override
        public Instant wall() {
            called();
            return clock.wall();
        }

        @Override
        public void await(Lock lock, Condition condition, long deadlineNanos)
                throws InterruptedException {
            clock.await(lock, condition, deadlineNanos);
        }
    }

    @Test
    void clockThatFailsAtAnyCallOfReleaseLosesNothing() throws Exception {
        for (int at = 1; at <= CALLS; at++) {
            FailingClock clock = new FailingClock();
            try (RecordBuffer<String> buffer =
                    RecordBuffer.<String>of(
                                    Trigger.anyOf(
                                            Trigger.matchingHeld(held -> held.size() > 3),
                                            Trigger.age(Duration.ofHours(1))))
                            .clock(clock)
                            .open()) {
                buffer.add("1");
                buffer.add("2");
                clock.left = at;
                flush(buffer);
                clock.left = Integer.MAX_VALUE;
                buffer.flush();
                List<String> taken = new ArrayList<>();
                for (Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                        batch.isPresent();
                        batch = buffer.take(Duration.ZERO)) {
                    taken.addAll(batch.get().records());
                    buffer.commit(batch.get());
                }
                assertThat(taken)
                        .as("a clock that failed at call %d", at)
                        .containsExactly("1", "2");
                assertThat(buffer.ledger().balances()).isTrue();
            }
        }
    }

    /** It may fail by what was injected, and then nothing has changed. */
    private static void flush(RecordBuffer<String> buffer) {
        try {
            buffer.flush();
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("injected");
        } catch (RecordException e) {
            assertThat(e).hasMessageContaining("injected");
        }
    }
}
