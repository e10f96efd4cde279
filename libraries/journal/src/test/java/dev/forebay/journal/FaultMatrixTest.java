package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
    private static final Set<Thread.State> NOT_COMING =
            EnumSet.of(Thread.State.WAITING, Thread.State.TERMINATED);

    /** Who appends. */
    enum Appenders {
        ONE,
        MANY_VIRTUAL,

        /** While the platform thread forces by itself, the virtual one comes to wait. */
        PLATFORM_AND_VIRTUAL
    }

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

    /** Strikes at the n-th call of {@link #call}. */
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

    /** The system's clock; each call goes through a trap. */
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
        private final AtomicReference<Thread> forcing = new AtomicReference<>();
        private final AtomicReference<Thread> joining = new AtomicReference<>();
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

        /** Holds the platform thread's own force until the virtual thread waits for its end. */
        private void awaitJoining(DiskCall call) {
            Thread other = joining.get();
            if (call.kind() != Kind.SYNC
                    || other == null
                    || !Thread.currentThread().equals(forcing.get())) {
                return;
            }
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
            while (!NOT_COMING.contains(other.getState()) && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
        }

        /** Appends, reads, trims; closes twice and is refused then. */
        private void live(Appenders appenders) {
            attempt(() -> {
                Journal journal = Journal.open(disk, clock, root, SETTINGS);
                try {
                    switch (appenders) {
                        case ONE -> alone(journal);
                        case MANY_VIRTUAL -> together(journal, List.of(), 4);
                        case PLATFORM_AND_VIRTUAL -> together(journal, List.of(forcing), 1);
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

        /** Appends on a platform thread for each of {@code platform}, and on virtual threads. */
        private void together(
                Journal journal, List<AtomicReference<Thread>> platform, int virtual) {
            Thread.interrupted(); // By an interrupt during the opening.
            List<FutureTask<Boolean>> tasks = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < platform.size() + virtual; i++) {
                String name = "writer " + i + " ";
                FutureTask<Boolean> task =
                        new FutureTask<>(
                                () -> {
                                    for (int j = 0; j < 8; j++) {
                                        append(journal, name + j, Durability.SYNCED);
                                    }
                                },
                                true);
                tasks.add(task);
                if (i < platform.size()) {
                    threads.add(Thread.ofPlatform().daemon().unstarted(task));
                    platform.get(i).set(threads.getLast());
                } else {
                    threads.add(Thread.ofVirtual().unstarted(task));
                    joining.set(threads.getLast());
                }
            }
            threads.forEach(Thread::start);
            try {
                for (Thread thread : threads) {
                    assertThat(thread.join(Duration.ofSeconds(GUARD_SECONDS)))
                            .as("an append returns or throws")
                            .isTrue();
                }
                for (FutureTask<Boolean> task : tasks) {
                    assertThat(task.get()).isTrue();
                }
            } catch (InterruptedException e) {
                throw new AssertionError("the fault was for another thread", e);
            } catch (ExecutionException e) {
                throw new AssertionError("a writer met " + e.getCause(), e);
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

    private static void atEveryCall(Fault fault, Appenders appenders, boolean atClock)
            throws Exception {
        for (long nth = 1; ; nth++) {
            Trap trap = new Trap(fault, nth);
            Life life = new Life(fault, atClock ? new TrappedClock(trap) : Clock.system());
            life.disk.faults(call -> {
                life.awaitJoining(call);
                if (!atClock) {
                    trap.call(call.toString());
                }
                return call.length();
            });
            long run = nth;
            guarded(() -> {
                try {
                    life.live(appenders);
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
    void faultAtAnyCallOfTheDiskUnderOneAppenderLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, Appenders.ONE, false);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void faultAtAnyCallOfTheDiskUnderManyAppendersLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, Appenders.MANY_VIRTUAL, false);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void faultAtAnyCallOfTheDiskDuringAnAppendersOwnForceEndsEveryWait(Fault fault)
            throws Exception {
        atEveryCall(fault, Appenders.PLATFORM_AND_VIRTUAL, false);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void faultAtAnyCallOfTheClockUnderOneAppenderLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, Appenders.ONE, true);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void faultAtAnyCallOfTheClockUnderManyAppendersLosesNothing(Fault fault) throws Exception {
        atEveryCall(fault, Appenders.MANY_VIRTUAL, true);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void faultAtAnyCallOfTheClockDuringAnAppendersOwnForceEndsEveryWait(Fault fault)
            throws Exception {
        atEveryCall(fault, Appenders.PLATFORM_AND_VIRTUAL, true);
    }
}
