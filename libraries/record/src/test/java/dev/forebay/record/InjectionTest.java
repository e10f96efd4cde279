package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalSettings;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.RetryPolicy;
import dev.forebay.record.outlet.Verdict;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An interrupt, a RuntimeException and an OutOfMemoryError at the calls that a buffer makes to what
 * it does not own: nothing acknowledged is lost, no thread waits for one that is gone, and close
 * closes everything. Every call where a run has fewer than {@link #MOST}, else that many of them.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // A hang is a failure.
class InjectionTest {
    private static final int MOST = Integer.getInteger("forebay.record.injections", 24);
    private static final int RECORDS = 12;
    private static final Duration DELIVERED_WITHIN = Duration.ofSeconds(60);

    /** Whose calls fail. */
    enum Seam {
        DISK,
        CLOCK,
        CODEC,
        PREDICATE,
        SIZER,
        LISTENER,
        OUTLET
    }

    /** What happens at a call. */
    enum Injury {
        INTERRUPT,
        EXCEPTION,
        ERROR;

        void inflict() {
            switch (this) {
                case INTERRUPT -> Thread.currentThread().interrupt();
                case EXCEPTION -> throw new IllegalStateException("injected");
                case ERROR -> throw new OutOfMemoryError("injected");
            }
        }
    }

    /** One run with one injury at one call of one seam. */
    private static final class Run {
        private final Seam seam;
        private final Injury injury;
        private final int at;
        private final boolean durable;
        private final AtomicInteger calls = new AtomicInteger();
        private final SimulatedDisk disk = new SimulatedDisk();
        private final Set<String> delivered = ConcurrentHashMap.newKeySet();
        private final List<String> acknowledged = new ArrayList<>();

        Run(Seam seam, Injury injury, int at, boolean durable) {
            this.seam = seam;
            this.injury = injury;
            this.at = at;
            this.durable = durable;
        }

        void called(Seam where) {
            if (where == seam && calls.incrementAndGet() == at) {
                injury.inflict();
            }
        }

        private RecordBufferBuilder<String> builder() {
            RecordBufferBuilder<String> builder =
                    RecordBuffer.<String>of(
                                    Trigger.anyOf(
                                            Trigger.matching(record -> {
                                                called(Seam.PREDICATE);
                                                return record.endsWith("7");
                                            }),
                                            Trigger.matchingHeld(held -> {
                                                called(Seam.PREDICATE);
                                                return held.size() > 3;
                                            }),
                                            Trigger.age(Duration.ofMillis(1))))
                            .clock(new InjectedClock())
                            .codec(new InjectedCodec())
                            .sizer(record -> {
                                called(Seam.SIZER);
                                return record.length();
                            })
                            .maxBatchBytes(8)
                            .listener(listener());
            return durable ? onDisk(builder) : builder;
        }

        private RecordBufferBuilder<String> onDisk(RecordBufferBuilder<String> builder) {
            return builder.disk(disk)
                    .journal(Path.of("/buffer"))
                    .journalSettings(
                            JournalSettings.defaults()
                                    .withSegmentBytes(ByteSize.ofKiB(8))
                                    .withReadyAhead(1)
                                    .withSpares(0));
        }

        private RecordListener listener() {
            return new RecordListener() {
                @Override
                public void accepted(long count, long bytes) {
                    called(Seam.LISTENER);
                }

                @Override
                public void released(Facts batch) {
                    called(Seam.LISTENER);
                }

                @Override
                public void committed(Facts batch) {
                    called(Seam.LISTENER);
                }

                @Override
                public void synced(Duration wait) {
                    called(Seam.LISTENER);
                }
            };
        }

        private final class InjectedClock implements Clock {
            private final Clock clock = Clock.system();

            @Override
            public long nanos() {
                called(Seam.CLOCK);
                return clock.nanos();
            }

            @Override
            public Instant wall() {
                called(Seam.CLOCK);
                return clock.wall();
            }

            @Override
            public void await(Lock lock, Condition condition, long deadlineNanos)
                    throws InterruptedException {
                called(Seam.CLOCK);
                clock.await(lock, condition, deadlineNanos);
            }
        }

        private final class InjectedCodec implements Codec<String> {
            @Override
            public byte[] encode(String record) {
                called(Seam.CODEC);
                return Codec.strings().encode(record);
            }

            @Override
            public String decode(byte[] bytes) {
                called(Seam.CODEC);
                return Codec.strings().decode(bytes);
            }
        }

        @Override
        public String toString() {
            return "%s at call %d of %s, %s"
                    .formatted(injury, at, seam, durable ? "on a journal" : "in memory");
        }

        /** The run, and what must hold after it; how many calls of the seam there were. */
        int check() throws Exception {
            disk.faults(call -> {
                called(Seam.DISK);
                return call.length();
            });
            Optional<RecordBuffer<String>> opened = attempt(() -> builder().open());
            if (opened.isPresent()) {
                work(opened.get());
            }
            Thread.interrupted();
            disk.faults(Faults.NONE);
            int made = calls.getAndSet(Integer.MIN_VALUE / 2); // No more injuries.
            opened.ifPresent(buffer -> {
                attempt(() -> {
                    buffer.close();
                    return true;
                });
                buffer.close(); // Once more does nothing.
                assertThat(buffer.ledger().balances()).as("%s: %s", this, buffer.ledger()).isTrue();
            });
            if (durable) {
                auditTheNextOpening();
            } else if (opened.isPresent()) {
                long missing = acknowledged.stream().filter(r -> !delivered.contains(r)).count();
                assertThat(opened.get().ledger().dropped().getOrDefault(DropReason.CLOSED, 0L))
                        .as("%s: told that %s were not delivered", this, missing)
                        .isGreaterThanOrEqualTo(missing);
            }
            return made;
        }

        private void work(RecordBuffer<String> buffer) {
            RetryPolicy quick =
                    new RetryPolicy(
                            Duration.ofNanos(1),
                            Duration.ofNanos(1000),
                            Duration.ofMinutes(5),
                            Duration.ofMinutes(5),
                            1_000_000,
                            _ -> Verdict.RETRY);
            Optional<Delivery<String>> delivery =
                    attempt(() -> Delivery.start(buffer, this::deliver, quick));
            for (int i = 0; i < RECORDS; i++) {
                String record = "%02d".formatted(i);
                if (attempt(() -> buffer.add(record)).isPresent()) {
                    acknowledged.add(record);
                }
            }
            attempt(buffer::flush);
            delivery.ifPresent(started -> {
                awaitEmpty(buffer, started);
                started.close();
            });
        }

        private void awaitEmpty(RecordBuffer<String> buffer, Delivery<String> delivery) {
            long deadline = System.nanoTime() + DELIVERED_WITHIN.toNanos();
            while (delivery.stoppedBy().isEmpty() && buffer.ledger().held() > 0) {
                if (System.nanoTime() - deadline > 0) {
                    fail("%s: not empty in time: %s%s", this, buffer.ledger(), stacks());
                }
                Thread.onSpinWait();
            }
        }

        private void deliver(Batch<String> batch) {
            called(Seam.OUTLET);
            delivered.addAll(batch.records());
        }

        private void auditTheNextOpening() throws InterruptedException {
            try (RecordBuffer<String> again =
                    onDisk(RecordBuffer.of(Trigger.<String>atLeast(1000)))
                            .codec(Codec.strings())
                            .open()) {
                Set<String> there = new HashSet<>(delivered);
                again.flush();
                for (Optional<Batch<String>> batch = again.take(Duration.ZERO);
                        batch.isPresent();
                        batch = again.take(Duration.ZERO)) {
                    there.addAll(batch.get().records());
                    again.commit(batch.get());
                }
                assertThat(there).as(toString()).containsAll(acknowledged);
                assertThat(again.ledger().balances()).as(toString()).isTrue();
            }
        }
    }

    /** A call that may fail by what is injected. */
    private interface Call<R> {
        R run() throws Exception;
    }

    private static <R> Optional<R> attempt(Call<R> call) {
        try {
            return Optional.of(call.run());
        } catch (Exception | OutOfMemoryError e) {
            return Optional.empty();
        }
    }

    @ParameterizedTest
    @EnumSource(Seam.class)
    void noInjuryLosesWhatWasAcknowledgedOrLeavesAThreadWaiting(Seam seam) throws Exception {
        for (boolean durable : new boolean[] {true, false}) {
            int calls = new Run(seam, Injury.INTERRUPT, Integer.MAX_VALUE, durable).check();
            for (Injury injury : Injury.values()) {
                for (int i = 0; i < Math.min(calls, MOST); i++) {
                    int at = 1 + (int) ((long) i * calls / Math.min(calls, MOST));
                    new Run(seam, injury, at, durable).check();
                    assertThat(threads()).as("%s at %d of %s", injury, at, seam).isEmpty();
                }
            }
        }
    }

    /** Where the threads of the buffer, its delivery and its journal are. */
    private static String stacks() {
        StringBuilder stacks = new StringBuilder();
        Thread.getAllStackTraces()
                .forEach((thread, frames) -> {
                    if (thread.getName().startsWith("forebay-")) {
                        stacks.append("\n%s, %s".formatted(thread.getName(), thread.getState()));
                        for (StackTraceElement frame : frames) {
                            stacks.append("\n    at %s".formatted(frame));
                        }
                    }
                });
        return stacks.toString();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("forebay-record-"))
                .toList();
    }
}
