package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An interrupt, a runtime exception and an out-of-memory error at every call of disk and clock that
 * a journal makes, one run for each call. Nothing that was acknowledged is lost, no thread waits
 * for one that is gone, and close frees everything whatever happened before.
 */
class FaultMatrixTest {
    private static final JournalSettings SETTINGS =
            JournalSettings.defaults()
                    .withSegmentBytes(ByteSize.ofKiB(8))
                    .withSegmentAge(Duration.ofDays(1))
                    .withSpares(1);
    private static final AtomicLong RUNS = new AtomicLong();
    private static final long GUARD_SECONDS = 20;

    /** What happens at one call. */
    enum Fault {
        INTERRUPT {
            @Override
            void strike(String where) {
                Thread.currentThread().interrupt();
            }
        },
        RUNTIME_EXCEPTION {
            @Override
            void strike(String where) {
                throw new Injected(where);
            }
        },
        OUT_OF_MEMORY {
            @Override
            void strike(String where) {
                throw new OutOfMemoryError("injected at " + where);
            }
        };

        abstract void strike(String where);
    }

    private static final class Injected extends RuntimeException {
        Injected(String where) {
            super("injected at " + where);
        }
    }

    /** Strikes at the n-th call that it is told of. */
    private static final class Trap {
        private final Fault fault;
        private final long nth;
        private final AtomicLong seen = new AtomicLong();

        Trap(Fault fault, long nth) {
            this.fault = fault;
            this.nth = nth;
        }

        void call(String what) {
            if (seen.incrementAndGet() == nth) {
                fault.strike(what);
            }
        }

        boolean struck() {
            return seen.get() >= nth;
        }
    }

    /** The system's clock, each call of which goes through a trap. */
    private record TrappedClock(Trap trap) implements Clock {
        @Override
        public long nanos() {
            trap.call("nanos");
            return Clock.system().nanos();
        }

        @Override
        public Instant wall() {
            trap.call("wall");
            return Clock.system().wall();
        }

        @Override
        public void await(Lock lock, Condition condition, long deadline)
                throws InterruptedException {
            trap.call("await");
            Clock.system().await(lock, condition, deadline);
        }
    }

    /** One life of a journal under a fault, and what it acknowledged. */
    private static final class Life {
        private final Path root = Path.of("/matrix-" + RUNS.incrementAndGet());
        private final SimulatedDisk disk = new SimulatedDisk();
        private final Fault fault;
        private final Clock clock;
        private final Map<Long, String> acknowledged = new ConcurrentHashMap<>();
        private final AtomicLong lastSynced = new AtomicLong();
        private final List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());

        Life(Fault fault, Clock clock) {
            this.fault = fault;
            this.clock = clock;
        }

        private void attempt(Runnable work) {
            try {
                work.run();
            } catch (ForebayException | Injected | OutOfMemoryError e) {
                thrown.add(e);
            }
        }

        private void append(Journal journal, String text, Durability level) {
            attempt(() -> {
                byte[] payload = text.repeat(20).getBytes(StandardCharsets.UTF_8);
                long sequence = journal.append(payload, level);
                acknowledged.put(sequence, text.repeat(20));
                if (level == Durability.SYNCED) {
                    lastSynced.accumulateAndGet(sequence, Math::max);
                }
            });
        }

        /** Appends alone and in a crowd, reads, trims; closes twice and is refused then. */
        private void live(boolean crowd) {
            attempt(() -> {
                Journal journal = Journal.open(disk, clock, root, SETTINGS);
                try {
                    if (crowd) {
                        crowd(journal);
                    } else {
                        alone(journal);
                    }
                } finally {
                    attempt(journal::close);
                    journal.close();
                }
                attempt(() -> {
                    journal.append(new byte[1]);
                    throw new AssertionError("an append after close was taken");
                });
            });
        }

        private void alone(Journal journal) {
            for (int i = 1; i <= 40; i++) {
                append(journal, "alone " + i, i % 2 == 0 ? Durability.WRITTEN : Durability.SYNCED);
            }
            attempt(() -> journal.trim(20));
            attempt(() -> JournalTest.read(journal));
        }

        private void crowd(Journal journal) {
            Thread.interrupted(); // By an interrupt during the opening.
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    String name = "writer " + i + " ";
                    all.add(
                            threads.submit(() -> {
                                for (int j = 0; j < 8; j++) {
                                    append(journal, name + j, Durability.SYNCED);
                                }
                            }));
                }
                for (Future<?> one : all) {
                    one.get(GUARD_SECONDS, TimeUnit.SECONDS);
                }
            } catch (InterruptedException e) {
                throw new AssertionError("the fault was for another thread", e);
            } catch (Exception e) {
                throw new AssertionError("a writer hangs or broke", e);
            }
        }

        /** What was acknowledged is there, at its level, and the journal opens and goes on. */
        private void check() {
            disk.faults(Faults.NONE);
            if (fault == Fault.INTERRUPT) {
                assertThat(thrown).allMatch(e -> e instanceof JournalException).hasSize(1);
            }
            holds(disk.crash(Survival.NOTHING), lastSynced.get());
            holds(disk, Long.MAX_VALUE);
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(thread -> thread.getName().endsWith(root.getFileName().toString()));
        }

        private void holds(Disk left, long until) {
            try (Journal journal = Journal.open(left, Clock.system(), root, SETTINGS)) {
                assertThat(journal.recovery().damage()).isEmpty();
                List<String> there = JournalTest.read(journal);
                acknowledged.forEach((sequence, text) -> {
                    if (sequence >= journal.first() && sequence <= until) {
                        assertThat(journal.next()).isGreaterThan(sequence);
                        assertThat(there.get((int) (sequence - journal.first()))).isEqualTo(text);
                    }
                });
                assertThat(journal.first()).isLessThanOrEqualTo(20);
                assertThat(journal.append(new byte[9])).isEqualTo(journal.next() - 1);
            }
        }
    }

    private static void guarded(Runnable work) throws Exception {
        FutureTask<Boolean> task = new FutureTask<>(work, true);
        Thread thread = Thread.ofPlatform().daemon().start(task);
        try {
            assertThat(task.get(GUARD_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (TimeoutException e) {
            AssertionError hangs = new AssertionError("the journal hangs");
            hangs.setStackTrace(thread.getStackTrace());
            throw hangs;
        }
    }

    private static void atEveryCall(Fault fault, boolean crowd, boolean atClock) throws Exception {
        for (long nth = 1; ; nth++) {
            Trap trap = new Trap(fault, nth);
            Life life = new Life(fault, atClock ? new TrappedClock(trap) : Clock.system());
            if (!atClock) {
                life.disk.faults(call -> {
                    trap.call(call.toString());
                    return call.length();
                });
            }
            long run = nth;
            guarded(() -> {
                try {
                    life.live(crowd);
                    Thread.interrupted();
                    life.check();
                } catch (AssertionError e) {
                    throw new AssertionError("at call " + run + ": " + e.getMessage(), e);
                }
            });
            if (!trap.struck()) {
                assertThat(nth).isGreaterThan(30);
                return;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultAtAnyCallOfTheDiskUnderOneAppenderLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, false, false);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultAtAnyCallOfTheDiskUnderManyAppendersLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, true, false);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultAtAnyCallOfTheClockUnderOneAppenderLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, false, true);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFaultAtAnyCallOfTheClockUnderManyAppendersLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, true, true);
    }
}
