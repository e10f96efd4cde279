package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.DiskFile;
import dev.forebay.base.Durability;
import dev.forebay.base.PoisonedException;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.ForwardingDisk;
import dev.forebay.testkit.ForwardingFile;
import dev.forebay.testkit.SeededScheduler;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Group commit under a scheduler of the test: each append waits for its turn before it begins,
 * between its store and its wait for a force, and at each store; each sync waits before it takes
 * effect and before its thread goes on. Whenever an append at {@code SYNCED} returns, the power is
 * cut and its frame must be there; when a sync fails, no append that it leaves in doubt may return,
 * and none may wait for ever.
 */
class GroupCommitInterleavingTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SETTINGS =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8)).withReadyAhead(1);
    private static final int SEEDS = Integer.getInteger("forebay.journal.seeds", 60);
    private static final int EACH = 5;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private static final class Injected extends RuntimeException {
        Injected(String where) {
            super(where);
        }
    }

    /** How one of the syncs ends. */
    enum Ending {
        WELL {
            @Override
            void end(DiskCall sync) {}
        },
        IO_EXCEPTION {
            @Override
            void end(DiskCall sync) throws IOException {
                throw new IOException("injected at " + sync);
            }
        },
        RUNTIME_EXCEPTION {
            @Override
            void end(DiskCall sync) {
                throw new Injected("injected at " + sync);
            }
        },
        ERROR {
            @Override
            void end(DiskCall sync) {
                throw new OutOfMemoryError("injected at " + sync);
            }
        };

        abstract void end(DiskCall sync) throws IOException;
    }

    /** Holds a thread behind each of its syncs, which have taken effect by then. */
    private static Disk heldBehindSyncs(Disk disk, SeededScheduler scheduler) {
        return new ForwardingDisk(disk) {
            @Override
            public DiskFile open(Path path, Access access) throws IOException {
                return new ForwardingFile(super.open(path, access)) {
                    @Override
                    public void sync() throws IOException {
                        super.sync();
                        scheduler.point();
                    }
                };
            }
        };
    }

    private static byte[] payload(int writer, int number) {
        return "writer %d, frame %d".formatted(writer, number).getBytes(StandardCharsets.UTF_8);
    }

    /** The frame is there after a power cut now, with its payload. */
    private static void isDurable(SimulatedDisk disk, long sequence, byte[] payload)
            throws IOException {
        SimulatedDisk left = disk.crash(Survival.NOTHING);
        Scan scan = new Scan(new JournalDirectory(left, Clock.system(), ROOT));
        scan.run();
        assertThat(scan.next).as("frames behind an acknowledged one").isGreaterThan(sequence);
        List<Entry> found = new ArrayList<>();
        new JournalTool(left, Clock.system(), ROOT).dump(sequence, found::add);
        assertThat(found.getFirst())
                .isInstanceOfSatisfying(
                        Frame.class, frame -> assertThat(frame.payload()).isEqualTo(payload));
    }

    private static void interleave(int seed, int writers, Ending ending) throws Exception {
        Random random = new Random(seed);
        SimulatedDisk disk = new SimulatedDisk();
        AtomicInteger syncs = new AtomicInteger();
        int strange = ending == Ending.WELL ? 0 : 1 + random.nextInt(writers * EACH / 2);
        Journal journal;
        boolean ended;
        try (SeededScheduler scheduler = new SeededScheduler(seed)) {
            journal =
                    Journal.open(heldBehindSyncs(disk, scheduler), Clock.system(), ROOT, SETTINGS);
            disk.faults(call -> {
                if (call.kind() == Kind.SYNC || call.kind() == Kind.STORE) {
                    scheduler.point();
                }
                if (call.kind() == Kind.SYNC && syncs.incrementAndGet() == strange) {
                    ending.end(call);
                }
                return call.length();
            });
            ended = append(journal, disk, scheduler, random, writers);
        }
        disk.faults(call -> call.length());
        boolean struck = strange > 0 && syncs.get() >= strange;
        assertThat(closedPoisoned(journal)).as("seed %d", seed).isEqualTo(struck);
        // A sync may fail that every append could do without.
        assertThat(ended && !struck).as("seed %d", seed).isFalse();
    }

    private static boolean closedPoisoned(Journal journal) {
        try {
            journal.close();
            return false;
        } catch (PoisonedException e) {
            return true;
        }
    }

    /** True if a writer met the end of the journal. */
    private static boolean append(
            Journal journal,
            SimulatedDisk disk,
            SeededScheduler scheduler,
            Random random,
            int writers)
            throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        List<FutureTask<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            int writer = i;
            long own = random.nextLong();
            FutureTask<Boolean> task =
                    new FutureTask<>(
                            () -> write(journal, disk, scheduler, writer, new Random(own)));
            all.add(task);
            threads.add(
                    random.nextBoolean()
                            ? Thread.ofPlatform().daemon().start(task)
                            : Thread.ofVirtual().start(task));
        }
        boolean ended = false;
        for (Thread thread : threads) {
            assertThat(thread.join(LONGEST_WAIT)).as("an append returns or throws").isTrue();
        }
        for (FutureTask<Boolean> one : all) {
            try {
                ended |= !one.get();
            } catch (ExecutionException e) {
                throw new AssertionError("a writer met " + e.getCause(), e.getCause());
            }
        }
        return ended;
    }

    /** False if the journal ended meanwhile. */
    private static boolean write(
            Journal journal,
            SimulatedDisk disk,
            SeededScheduler scheduler,
            int writer,
            Random random)
            throws IOException {
        try {
            for (int i = 0; i < EACH; i++) {
                byte[] payload = payload(writer, i);
                scheduler.point();
                switch (random.nextInt(5)) {
                    case 0 -> journal.append(payload, Durability.WRITTEN);
                    case 1, 2 -> isDurable(disk, journal.append(payload), payload);
                    default -> {
                        long sequence = journal.append(payload, Durability.WRITTEN);
                        scheduler.point();
                        journal.awaitSynced(sequence);
                        isDurable(disk, sequence, payload);
                    }
                }
            }
            return true;
        } catch (PoisonedException | Injected | OutOfMemoryError e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6})
    void anAppendThatReturnedIsDurableInEveryOrderOfStoresAndSyncs(int writers) throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            interleave(seed, writers, Ending.WELL);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WELL")
    void aFailedSyncAnswersNoAppendThatItLeavesInDoubtAndHoldsNone(Ending ending) throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            interleave(seed, 2 + seed % 3, ending);
        }
    }
}
