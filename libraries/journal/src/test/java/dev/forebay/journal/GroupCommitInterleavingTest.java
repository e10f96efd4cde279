package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.base.PoisonedException;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Group commit under a scheduler of the test: each store and each sync of the disk, and the start
 * of each append, waits until the scheduler lets it go on, one at a time, in an order that the seed
 * chooses. Whenever an append at {@code SYNCED} returns, the power is cut and its frame must be
 * there; when a sync fails, no append that it leaves in doubt may return.
 */
class GroupCommitInterleavingTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SETTINGS =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8)).withReadyAhead(1);
    private static final int SEEDS = Integer.getInteger("forebay.journal.seeds", 60);
    private static final int EACH = 5;

    /** Lets one of the threads that have arrived go on at a time. */
    private static final class Scheduler {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition changed = lock.newCondition();
        private final List<Thread> arrived = new ArrayList<>();
        private final Random random;
        private boolean ended;

        Scheduler(long seed) {
            random = new Random(seed);
        }

        /** Called by the threads of the journal and of the test. */
        void point() {
            Thread me = Thread.currentThread();
            lock.lock();
            try {
                if (ended) {
                    return;
                }
                arrived.add(me);
                changed.signalAll();
                while (arrived.contains(me) && !ended) {
                    changed.awaitUninterruptibly();
                }
            } finally {
                lock.unlock();
            }
        }

        /** Runs until {@link #end}. */
        void run() {
            lock.lock();
            try {
                while (!ended) {
                    if (arrived.isEmpty()) {
                        changed.awaitUninterruptibly();
                        continue;
                    }
                    letOthersArrive(random.nextInt(2000));
                    if (!arrived.isEmpty()) {
                        arrived.remove(random.nextInt(arrived.size()));
                        changed.signalAll();
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        private void letOthersArrive(int times) {
            lock.unlock();
            try {
                for (int i = 0; i < times; i++) {
                    Thread.onSpinWait();
                }
            } finally {
                lock.lock();
            }
        }

        void end() {
            lock.lock();
            try {
                ended = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
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

    private static void interleave(int seed, int writers, boolean failing) throws Exception {
        Random random = new Random(seed);
        Scheduler scheduler = new Scheduler(seed);
        Thread scheduling = Thread.ofPlatform().daemon().start(scheduler::run);
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = Journal.open(disk, Clock.system(), ROOT, SETTINGS);
        int failingSync = failing ? 1 + random.nextInt(writers * EACH / 2) : 0;
        int[] syncs = new int[1];
        disk.faults(call -> {
            if (call.kind() == Kind.SYNC || call.kind() == Kind.STORE) {
                scheduler.point();
            }
            if (call.kind() == Kind.SYNC) {
                synchronized (syncs) {
                    if (++syncs[0] == failingSync) {
                        throw new IOException("injected at " + call);
                    }
                }
            }
            return call.length();
        });
        try (ExecutorService platform = Executors.newCachedThreadPool(daemons());
                ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int writer = i;
                ExecutorService threads = random.nextBoolean() ? platform : virtual;
                Durability[] levels = new Durability[EACH];
                for (int j = 0; j < EACH; j++) {
                    levels[j] = random.nextInt(4) == 0 ? Durability.WRITTEN : Durability.SYNCED;
                }
                all.add(threads.submit(() -> write(journal, disk, scheduler, writer, levels)));
            }
            boolean poisoned = false;
            for (Future<Boolean> one : all) {
                poisoned |= !one.get(60, TimeUnit.SECONDS);
            }
            assertThat(poisoned).isEqualTo(failing && syncs[0] >= failingSync);
        } finally {
            scheduler.end();
            scheduling.join();
        }
        disk.faults(call -> call.length());
        try {
            journal.close();
        } catch (PoisonedException e) {
            assertThat(failing).isTrue();
        }
    }

    private static ThreadFactory daemons() {
        return Thread.ofPlatform().daemon().factory();
    }

    /** False if the journal was poisoned meanwhile. */
    private static boolean write(
            Journal journal,
            SimulatedDisk disk,
            Scheduler scheduler,
            int writer,
            Durability[] levels)
            throws IOException {
        try {
            for (int i = 0; i < levels.length; i++) {
                scheduler.point();
                byte[] payload = payload(writer, i);
                long sequence = journal.append(payload, levels[i]);
                if (levels[i] == Durability.SYNCED) {
                    isDurable(disk, sequence, payload);
                }
            }
            return true;
        } catch (PoisonedException e) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6})
    void anAppendThatReturnedIsDurableInEveryOrderOfStoresAndSyncs(int writers) throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            interleave(seed, writers, false);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aFailedSyncAnswersNoAppendThatItLeavesInDoubt(int writers) throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            interleave(seed, writers, true);
        }
    }
}
