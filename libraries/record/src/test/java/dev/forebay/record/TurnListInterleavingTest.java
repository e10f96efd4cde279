package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.testkit.SeededScheduler;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/**
 * The lock-free turn of a {@link TurnList} under a scheduler of the test: adders stop before each
 * add and inside the turn, where the clock is read; the owner stops between close and open. The
 * scheduler lets them go on in an order that the seed chooses.
 */
class TurnListInterleavingTest {
    private static final int SEEDS = Integer.getInteger("forebay.record.seeds", 150);
    private static final int ADDERS = 3;
    private static final int EACH = 8;

    /** One list, its adders and its owner. */
    private static final class Run implements Clock {
        private final int seed;
        private final SeededScheduler scheduler;
        private final TurnList<String> list = new TurnList<>(this);
        private final ReentrantLock lock = new ReentrantLock();

        /** The number that each record was given. */
        private final ConcurrentMap<String, Long> told = new ConcurrentHashMap<>();

        /** What the owner took, in order; with the lock. */
        private final List<String> taken = new ArrayList<>();

        /** What was found wrong; with the lock. */
        private final List<String> wrong = new ArrayList<>();

        Run(int seed, SeededScheduler scheduler) {
            this.seed = seed;
            this.scheduler = scheduler;
        }

        @Override
        public long nanos() {
            scheduler.point();
            return 0;
        }

        @Override
        public Instant wall() {
            return Instant.EPOCH;
        }

        @Override
        public void await(Lock condition, Condition waited, long deadlineNanos) {
            throw new IllegalStateException("a list waits for nothing");
        }

        void add(int adder) {
            Random random = new Random(seed * 31L + adder);
            for (int i = 0; i < EACH; i++) {
                String record = adder + "-" + i;
                scheduler.point();
                long sequence = list.add(record);
                if (sequence == 0) {
                    sequence = addWithLock(record, random.nextInt(4));
                }
                told.put(record, sequence);
            }
        }

        private long addWithLock(String record, int allowed) {
            lock.lock();
            try {
                list.close();
                list.records().add(record);
                long sequence = list.first() + list.records().size() - 1;
                list.open(allowed);
                return sequence;
            } finally {
                lock.unlock();
            }
        }

        /** Takes what is on the list, and sees that nothing is added while the list is closed. */
        void own() {
            Random random = new Random(seed * 31L - 1);
            for (int i = 0; i < 2 * EACH; i++) {
                scheduler.point();
                lock.lock();
                try {
                    take();
                    list.open(random.nextInt(4));
                } finally {
                    lock.unlock();
                }
            }
        }

        private void take() {
            list.close();
            List<String> records = list.records();
            int size = records.size();
            scheduler.point();
            if (list.records().size() != size) {
                wrong.add(
                        "%d records became %d in a closed list"
                                .formatted(size, list.records().size()));
            }
            taken.addAll(records);
            list.replace(new ArrayList<>(), list.first() + size);
        }
    }

    private static void run(int seed) throws Exception {
        try (SeededScheduler scheduler = new SeededScheduler(seed);
                ExecutorService threads = Executors.newCachedThreadPool()) {
            Run run = new Run(seed, scheduler);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < ADDERS; i++) {
                int adder = i;
                all.add(threads.submit(() -> run.add(adder)));
            }
            all.add(threads.submit(run::own));
            for (Future<?> one : all) {
                one.get(60, TimeUnit.SECONDS);
            }
            run.list.close();
            run.taken.addAll(run.list.records());
            assertThat(run.wrong).as("seed %d", seed).isEmpty();
            assertThat(run.taken).as("seed %d", seed).hasSize(ADDERS * EACH);
            for (int i = 0; i < run.taken.size(); i++) {
                assertThat(run.told).as("seed %d", seed).containsEntry(run.taken.get(i), i + 1L);
            }
        }
    }

    @Test
    void addsWithoutTheLockKeepTheirPlaceAndNoneReachesAClosedList() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            run(seed);
        }
    }
}
