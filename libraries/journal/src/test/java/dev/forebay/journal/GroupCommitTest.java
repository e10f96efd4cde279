package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.PoisonedException;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * When an append is answered: on a platform thread, which forces by itself, and on a virtual one,
 * which leaves it to the force thread.
 */
class GroupCommitTest {
    private static final JournalSettings SETTINGS = JournalTest.SMALL.withReadyAhead(1);

    /** An append that was acknowledged. */
    private record Told(long sequence, String payload) {}

    /** How the writers run, and with that which of the two ways their forces take. */
    enum Writers {
        PLATFORM,
        VIRTUAL;

        void run(int count, Writer writer) throws Exception {
            Thread.interrupted(); // By the crash matrix; this thread waits for the writers.
            ThreadFactory factory =
                    this == VIRTUAL ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
            try (ExecutorService threads = Executors.newThreadPerTaskExecutor(factory)) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    int number = i;
                    all.add(
                            threads.submit(() -> {
                                writer.run(number);
                                return number;
                            }));
                }
                for (Future<?> one : all) {
                    one.get();
                }
            }
        }
    }

    interface Writer {
        void run(int number) throws Exception;
    }

    private static CrashMatrix.Work<Told> work(Writers writers, int count) {
        return (disk, acks) -> {
            try (Journal journal = JournalCrashTest.open(disk, SETTINGS)) {
                writers.run(count, number -> append(journal, number, 40 / count, acks::add));
            }
        };
    }

    private static void append(Journal journal, int number, int each, Consumer<Told> acks) {
        for (int i = 0; i < each; i++) {
            String payload = number + ": " + i;
            long sequence = journal.append(payload.getBytes(StandardCharsets.UTF_8));
            acks.accept(new Told(sequence, payload));
        }
    }

    private static void check(Disk disk, List<Told> acks) {
        try (Journal journal = JournalCrashTest.open(disk, SETTINGS)) {
            List<String> there = JournalTest.read(journal);
            for (Told told : acks) {
                assertThat(there).hasSizeGreaterThanOrEqualTo((int) told.sequence);
                assertThat(there.get((int) told.sequence - 1)).isEqualTo(told.payload);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Writers.class)
    void appendIsNotAnsweredBeforeItsForceEnds(Writers writers) throws Exception {
        for (int count : new int[] {1, 8}) {
            CrashMatrix.randoms(1).run(work(writers, count), GroupCommitTest::check);
        }
    }

    /** One such call after the other fails; what was acknowledged must be there all the same. */
    private static void underFailing(Predicate<DiskCall> calls, Writers writers) throws Exception {
        for (int nth = 1; nth < 30; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            List<Told> acks = Collections.synchronizedList(new ArrayList<>());
            Journal journal = JournalCrashTest.open(disk, SETTINGS);
            disk.faults(Faults.failNth(nth, calls));
            writers.run(
                    1,
                    number -> {
                        try {
                            append(journal, number, 20, acks::add);
                        } catch (PoisonedException e) {
                            assertThat(acks).hasSizeLessThan(20);
                        }
                    });
            check(disk.crash(Survival.NOTHING), acks);
            disk.faults(Faults.NONE);
            close(journal);
        }
    }

    private static void close(Journal journal) {
        try {
            journal.close();
        } catch (PoisonedException e) {
            assertThat(e).hasMessageContaining("open it again");
        }
    }

    @ParameterizedTest
    @EnumSource(Writers.class)
    void errorOfAForceReachesEveryWaitingAppend(Writers writers) throws Exception {
        underFailing(call -> call.kind() == Kind.SYNC, writers);
        underFailing(BadDaysTest::isForce, writers);
    }

    @Test
    void aLevelBelowSyncedIsAnsweredWithoutAForce() {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = JournalCrashTest.open(disk, SETTINGS)) {
            journal.append(new byte[9], Durability.WRITTEN);
            journal.append(new byte[9], Durability.ACCEPTED);
            assertThat(journal.synced()).isZero();
            journal.append(new byte[9]);
            assertThat(journal.synced()).isEqualTo(3);
        }
    }

    /** The caller forces by itself and fails with an error; another has begun to wait meanwhile. */
    @Test
    void errorInAnAppendersOwnForceEndsTheWaitOfOthers() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = JournalCrashTest.open(disk, SETTINGS);
        CompletableFuture<Throwable> other = new CompletableFuture<>();
        AtomicBoolean first = new AtomicBoolean(true);
        disk.faults(call -> {
            if (BadDaysTest.isForce(call) && first.getAndSet(false)) {
                Thread waits = Thread.startVirtualThread(() -> append(journal, other));
                JournalTest.until(
                        "the other append waits", () -> waits.getState() == Thread.State.WAITING);
                throw new OutOfMemoryError("injected");
            }
            return call.length();
        });
        assertThatThrownBy(() -> journal.append(new byte[9])).isInstanceOf(OutOfMemoryError.class);
        assertThat(other).succeedsWithin(Duration.ofSeconds(10));
        assertThat(other.join()).isInstanceOf(PoisonedException.class);
        close(journal);
    }

    /**
     * Two appends were answered together, so the force thread waits for a second one when {@code
     * close} comes. The clock stands still: only {@code close} ends that wait.
     */
    @Test
    void closeForcesWhatTheForceThreadGathers() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        Journal journal = Journal.open(disk, clock, Path.of("/journal"), SETTINGS);
        FutureTask<Long> second =
                new FutureTask<>(() -> journal.append(JournalTest.bytes("second")));
        AtomicBoolean first = new AtomicBoolean(true);
        disk.faults(call -> {
            if (BadDaysTest.isForce(call) && first.getAndSet(false)) {
                Thread waits = Thread.startVirtualThread(second);
                JournalTest.until(
                        "the second append waits", () -> waits.getState() == Thread.State.WAITING);
                clock.advance(Duration.ofMillis(30)); // What this force takes.
            }
            return call.length();
        });
        Thread.startVirtualThread(() -> journal.append(new byte[9])).join();
        clock.awaitWaiters(1); // The force thread gathers.
        assertThatCode(journal::close).doesNotThrowAnyException();
        assertThat(second).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(2L);
        check(disk.crash(Survival.NOTHING), List.of(new Told(2, "second")));
    }

    private static void append(Journal journal, CompletableFuture<Throwable> thrown) {
        try {
            journal.append(new byte[9]);
            thrown.complete(new AssertionError("acknowledged after a failed force"));
        } catch (RuntimeException | Error e) {
            thrown.complete(e);
        }
    }
}
