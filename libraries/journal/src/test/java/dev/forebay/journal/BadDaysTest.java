package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.base.PoisonedException;
import dev.forebay.journal.JournalException.Fault;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Failing syncs, interrupts, a full disk, and random actions beside a model. */
class BadDaysTest {
    private static final Path ROOT = Path.of("/journal");
    private static final JournalSettings SMALL =
            JournalSettings.defaults().withSegmentBytes(ByteSize.ofKiB(8)).withReadyAhead(1);

    @TempDir Path temp;

    private static Journal open(Disk disk) {
        return Journal.open(disk, Clock.system(), ROOT, SMALL);
    }

    private static byte[] payload(long sequence) {
        return JournalCrashTest.payload(sequence);
    }

    @Test
    void aFailedSyncPoisonsUntilReopeningAndNothingAcknowledgedIsLost() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk);
        for (int i = 1; i <= 3; i++) {
            journal.append(payload(i));
        }
        disk.faults(Faults.failNth(1, call -> isForce(call)));
        assertThatThrownBy(() -> journal.append(payload(4))).isInstanceOf(PoisonedException.class);
        assertThatThrownBy(() -> journal.append(payload(5), Durability.WRITTEN))
                .isInstanceOf(PoisonedException.class);
        assertThatThrownBy(() -> journal.read(1)).isInstanceOf(PoisonedException.class);
        assertThatThrownBy(journal::close).isInstanceOf(PoisonedException.class);
        // The frame of the failed sync stands in the cache only, counted as clean: it is served
        // after the reopening, and so it must be durable by then.
        Journal again = open(disk);
        assertThat(again.next()).isEqualTo(5);
        try (Journal left = open(disk.crash(Survival.NOTHING))) {
            assertThat(JournalTest.read(left)).hasSize(4);
        }
        again.close();
    }

    @Test
    void everyAppendThatWaitsForAFailedForceThrows() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean first = new AtomicBoolean(true);
        disk.faults(call -> {
            if (isForce(call) && first.getAndSet(false)) {
                held.countDown();
                awaitUninterrupted(go);
                throw new IOException("injected");
            }
            return call.length();
        });
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> all = new ArrayList<>();
            all.add(threads.submit(() -> journal.append(payload(1))));
            assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 5; i++) {
                all.add(threads.submit(() -> journal.append(payload(2))));
            }
            JournalTest.until("all have appended", () -> journal.next() == 7);
            assertThat(all).noneMatch(Future::isDone);
            go.countDown();
            for (Future<Long> one : all) {
                assertThatThrownBy(() -> one.get(60, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(PoisonedException.class);
            }
        }
        assertThatThrownBy(journal::close).isInstanceOf(PoisonedException.class);
    }

    /** A sync of the first segment, under either name its file was opened with. */
    static boolean isForce(DiskCall call) {
        return call.kind() == Kind.SYNC
                && (call.path().endsWith("spare-1")
                        || call.path().endsWith("0000000000000001.journal"));
    }

    private static void awaitUninterrupted(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new IOException("the gate was not opened");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted at the gate", e);
        }
    }

    @Test
    void appendsDuringAForceAreAnsweredTogetherByTheNext() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk)) {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            AtomicLong syncs = new AtomicLong();
            disk.faults((DiskCall call) -> {
                if (isForce(call) && syncs.getAndIncrement() == 0) {
                    held.countDown();
                    awaitUninterrupted(go);
                }
                return call.length();
            });
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Long>> all = new ArrayList<>();
                all.add(threads.submit(() -> journal.append(new byte[1])));
                assertThat(held.await(60, TimeUnit.SECONDS)).isTrue();
                for (int i = 0; i < 40; i++) {
                    all.add(threads.submit(() -> journal.append(new byte[1])));
                }
                JournalTest.until("all have appended", () -> journal.next() == 42);
                go.countDown();
                for (Future<Long> one : all) {
                    one.get(60, TimeUnit.SECONDS);
                }
            }
            assertThat(syncs).hasValueBetween(2, 3);
        }
    }

    @Test
    void interruptedThreadAppendsTrimsReadsAndClosesAsAnyOther() throws Exception {
        Path directory = temp.resolve("j");
        Journal journal = Journal.open(Disk.system(), Clock.system(), directory, SMALL);
        Thread.currentThread().interrupt();
        for (int i = 1; i <= 100; i++) {
            assertThat(journal.append(payload(i))).isEqualTo(i);
        }
        journal.trim(90);
        assertThat(JournalTest.read(journal)).hasSize(11);
        journal.append(payload(101), Durability.WRITTEN);
        journal.close();
        assertThat(Thread.interrupted()).isTrue();
        try (Journal again = Journal.open(Disk.system(), Clock.system(), directory, SMALL)) {
            assertThat(again.first()).isEqualTo(90);
            assertThat(again.append(payload(102))).isEqualTo(102);
        }
    }

    @Test
    void aFullDiskIsSaidWhenASegmentIsMadeReadyAndAppendingGoesOnOnceThereIsRoom() {
        SimulatedDisk disk = new SimulatedDisk();
        try (Journal journal = open(disk)) {
            disk.faults(Faults.fullAfter(0));
            long appended = 0;
            JournalException full = null;
            while (full == null) {
                try {
                    appended = journal.append(payload(appended + 1));
                } catch (JournalException e) {
                    full = e;
                }
            }
            assertThat(full.fault()).isEqualTo(Fault.NO_SPACE);
            assertThat(full.mayRetry()).isTrue();
            assertThat(full).hasMessageContaining("free some");
            assertThat(JournalTest.read(journal)).hasSize((int) appended);
            disk.faults(Faults.NONE);
            assertThat(journal.append(payload(appended + 1))).isEqualTo(appended + 1);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WRITTEN", "SYNCED"})
    void unreadablePagePoisonsBeforeAnAppendComesToIt(Durability durability) {
        SimulatedDisk disk = new SimulatedDisk();
        Journal journal = open(disk);
        disk.faults(Faults.failAll(call -> call.kind() == Kind.READ));
        AtomicLong last = new AtomicLong();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        assertThatThrownBy(
                        () -> {
                            while (System.nanoTime() < deadline) {
                                last.set(journal.append(payload(last.get() + 1), durability));
                                if (last.get() % 50 == 0) {
                                    journal.trim(last.get());
                                }
                            }
                        })
                .isInstanceOf(PoisonedException.class)
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(journal::close).isInstanceOf(PoisonedException.class);
        disk.faults(Faults.NONE);
        try (Journal again = open(disk)) {
            assertThat(again.next()).isGreaterThan(last.get());
        }
    }

    @Test
    void shortWritesAreWrittenOut() {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(Faults.shortWrites(7));
        try (Journal journal = open(disk)) {
            for (int i = 1; i <= 50; i++) {
                journal.append(payload(i));
            }
            journal.trim(20);
        }
        try (Journal journal = open(disk)) {
            assertThat(JournalTest.read(journal)).hasSize(31);
        }
    }

    /** Random actions against a list; a crash may take what was not synced, in one piece. */
    @Test
    void randomActionsAgreeWithAModel() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            SimulatedDisk disk = new SimulatedDisk();
            Journal journal = open(disk);
            List<byte[]> model = new ArrayList<>();
            int trimmed = 0;
            int synced = 0;
            for (int step = 0; step < 60; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> {
                        List<byte[]> batch = new ArrayList<>();
                        for (int i = random.nextInt(10) + 1; i > 0; i--) {
                            batch.add(bytes(random));
                        }
                        model.addAll(batch);
                        assertThat(journal.append(batch, 0, Durability.WRITTEN))
                                .isEqualTo(model.size());
                    }
                    case 1, 2 -> {
                        model.add(bytes(random));
                        assertThat(journal.append(model.getLast())).isEqualTo(model.size());
                        synced = model.size();
                    }
                    case 3 -> {
                        trimmed = Math.max(trimmed, random.nextInt(model.size() + 1));
                        journal.trim(trimmed + 1L);
                    }
                    case 4 -> {
                        journal.close();
                        journal = open(disk);
                        synced = model.size();
                    }
                    case 5 -> {
                        SimulatedDisk left = disk.crash(Survival.random(random.nextLong()));
                        journal.close();
                        disk = left;
                        journal = open(disk);
                        assertThat(journal.next()).isBetween(synced + 1L, model.size() + 1L);
                        model = new ArrayList<>(model.subList(0, (int) journal.next() - 1));
                        trimmed = (int) Math.min(trimmed, journal.first() - 1);
                        synced = model.size();
                    }
                    default -> {
                        model.add(bytes(random));
                        journal.append(model.getLast(), Durability.WRITTEN);
                    }
                }
                agree(journal, model, seed);
            }
            journal.close();
        }
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void agree(Journal journal, List<byte[]> model, int seed) {
        try (JournalReader reader = journal.read(journal.first())) {
            long at = journal.first();
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                assertThat(entry).as("seed " + seed).isInstanceOf(Frame.class);
                if (entry instanceof Frame frame) {
                    assertThat(frame.payload()).isEqualTo(model.get((int) at - 1));
                }
                at++;
            }
            assertThat(at).as("seed " + seed).isEqualTo(model.size() + 1L);
        }
    }
}
