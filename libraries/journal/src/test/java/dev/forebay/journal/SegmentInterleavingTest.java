package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.DamagedException;
import dev.forebay.base.Durability;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.testkit.SeededScheduler;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Segments are made ready, filled, warmed, unmapped, trimmed and used again under a scheduler of
 * the test, which chooses the order of half of all disk calls, while two threads append, one trims
 * and two read. Every reader meets every frame in its place unless it was trimmed, and what is left
 * in the end is whole.
 */
class SegmentInterleavingTest {
    private static final Path ROOT = Path.of("/journal");
    private static final int SEEDS = Integer.getInteger("forebay.journal.seeds", 40);
    private static final int WRITERS = 2;
    private static final int EACH = 30;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(2);

    private final Map<Long, String> appended = new ConcurrentHashMap<>();
    private final AtomicInteger writing = new AtomicInteger(WRITERS);

    private interface Work {
        void run(Random random) throws Exception;
    }

    private static String text(int writer, int number) {
        return "writer %d, frame %d ".formatted(writer, number).repeat(35);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void write(Journal journal, SeededScheduler scheduler, int writer, Random random) {
        try {
            for (int i = 0; i < EACH; i++) {
                scheduler.point();
                Durability level = random.nextInt(6) == 0 ? Durability.SYNCED : Durability.WRITTEN;
                int count = random.nextInt(6) == 0 ? 12 : 1;
                String text = text(writer, i);
                List<byte[]> batch = new ArrayList<>();
                for (int k = 0; k < count; k++) {
                    batch.add(bytes(text));
                }
                long last = journal.append(batch, 0, level);
                for (long k = last - count + 1; k <= last; k++) {
                    appended.put(k, text);
                }
            }
        } finally {
            writing.decrementAndGet();
        }
    }

    private void trim(Journal journal, SeededScheduler scheduler, Random random) {
        while (writing.get() > 0) {
            scheduler.point();
            long held = journal.next() - journal.first();
            journal.trim(journal.first() + random.nextInt((int) held + 1));
        }
    }

    private void read(Journal journal, SeededScheduler scheduler, Random random) {
        boolean last = false;
        JournalReader reader = fromTheFirst(journal);
        while (!last) {
            last = writing.get() == 0;
            try {
                for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                    check(entry, reader.position() - 1);
                    if (random.nextInt(4) == 0) {
                        scheduler.point();
                    }
                }
            } catch (DamagedException e) {
                throw new AssertionError("a reader met damage", e);
            } catch (JournalException e) {
                assertThat(e.fault()).isEqualTo(Fault.OUT_OF_RANGE);
                assertThat(journal.first()).isGreaterThan(reader.position());
                reader.close();
                reader = fromTheFirst(journal);
            }
            scheduler.point();
        }
        reader.close();
    }

    /** A trim may come between asking for the first frame and reading it. */
    private static JournalReader fromTheFirst(Journal journal) {
        while (true) {
            long first = journal.first();
            try {
                return journal.read(first);
            } catch (JournalException e) {
                assertThat(journal.first()).isGreaterThan(first);
            }
        }
    }

    private void check(Entry entry, long sequence) {
        assertThat(entry.sequence()).isEqualTo(sequence);
        assertThat(entry)
                .isInstanceOfSatisfying(
                        Frame.class,
                        frame -> {
                            String found = new String(frame.payload(), StandardCharsets.UTF_8);
                            // The reader may be faster than the appender's return.
                            assertThat(appended.getOrDefault(sequence, found)).isEqualTo(found);
                        });
    }

    private void interleave(int seed) throws Exception {
        JournalSettings settings =
                JournalSettings.defaults()
                        .withSegmentBytes(ByteSize.ofKiB(24))
                        .withReadyAhead(1 + seed % 3)
                        .withSpares(2)
                        .withSegmentAge(seed % 2 == 0 ? Duration.ZERO : Duration.ofMillis(1));
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal;
        try (SeededScheduler scheduler = new SeededScheduler(seed)) {
            journal = Journal.open(disk, Clock.system(), ROOT, settings);
            Random calls = new Random(seed);
            disk.faults(call -> {
                boolean held;
                synchronized (calls) {
                    held = calls.nextBoolean();
                }
                if (held) {
                    scheduler.point();
                }
                return call.length();
            });
            List<Work> works = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                works.add(random -> write(journal, scheduler, writer, random));
            }
            works.add(random -> trim(journal, scheduler, random));
            works.add(random -> read(journal, scheduler, random));
            works.add(random -> read(journal, scheduler, random));
            runAll(works, seed);
        }
        journal.close();
        try (Journal left = Journal.open(disk, Clock.system(), ROOT, settings);
                JournalReader reader = left.read(left.first())) {
            assertThat(left.next()).isEqualTo(appended.size() + 1L);
            for (long i = left.first(); i < left.next(); i++) {
                check(Objects.requireNonNull(reader.next()), i);
            }
        }
    }

    private static void runAll(List<Work> works, int seed) throws InterruptedException {
        List<FutureTask<Boolean>> tasks = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (Work work : works) {
            Random random = new Random(31L * seed + tasks.size());
            FutureTask<Boolean> task =
                    new FutureTask<>(() -> {
                        work.run(random);
                        return true;
                    });
            tasks.add(task);
            threads.add(
                    random.nextBoolean()
                            ? Thread.ofPlatform().daemon().start(task)
                            : Thread.ofVirtual().start(task));
        }
        for (Thread thread : threads) {
            assertThat(thread.join(LONGEST_WAIT)).as("seed %d: all work ends", seed).isTrue();
        }
        for (FutureTask<Boolean> task : tasks) {
            try {
                assertThat(task.get()).isTrue();
            } catch (ExecutionException e) {
                throw new AssertionError("seed %d: %s".formatted(seed, e.getCause()), e.getCause());
            }
        }
    }

    @Test
    void readersTrimsAndAppendsInAnyOrderMeetEveryFrameInItsPlace() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            appended.clear();
            writing.set(WRITERS);
            interleave(seed);
        }
    }
}
