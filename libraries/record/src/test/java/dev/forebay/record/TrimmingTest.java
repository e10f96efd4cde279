package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.PoisonedException;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalSettings;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.RetryPolicy;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A commit does not depend on the trimming that it makes possible. */
@Timeout(120)
class TrimmingTest {
    private static final Path DIRECTORY = Path.of("/buffer");
    private static final JournalSettings SEGMENTS_OF_8_KIB =
            JournalSettings.defaults()
                    .withSegmentBytes(ByteSize.ofKiB(8))
                    .withReadyAhead(1)
                    .withSpares(0);

    private static RecordBufferBuilder<String> on(SimulatedDisk disk) {
        return RecordBuffer.<String>of(Trigger.atLeast(1))
                .disk(disk)
                .journal(DIRECTORY)
                .journalSettings(SEGMENTS_OF_8_KIB)
                .codec(Codec.strings());
    }

    /** The checkpoint is what a trim writes first. */
    private static boolean writesCheckpoint(DiskCall call) {
        return call.kind() == DiskCall.Kind.WRITE && call.path().toString().contains("checkpoint");
    }

    private static void fillOneSegment(RecordBuffer<String> buffer) throws Exception {
        for (int i = 0; i < 40; i++) {
            buffer.add("x".repeat(250));
            assertThat(next(buffer)).hasSize(1);
        }
    }

    @Test
    void failedTrimIsReportedAndChangesNoAnswerOfACommit() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        LinkedBlockingQueue<RuntimeException> told = new LinkedBlockingQueue<>();
        RecordListener listener =
                new RecordListener() {
                    @Override
                    public void trimFailed(RuntimeException why) {
                        told.add(why);
                    }
                };
        AtomicInteger failures = new AtomicInteger();
        try (RecordBuffer<String> buffer = on(disk).listener(listener).open()) {
            disk.faults(call -> {
                if (writesCheckpoint(call) && failures.incrementAndGet() <= 2) {
                    throw new IOException("injected");
                }
                return call.length();
            });
            for (int round = 0; round < 4; round++) {
                fillOneSegment(buffer);
            }
            assertThat(told.poll(1, TimeUnit.MINUTES)).hasMessageContaining("injected");
            assertThat(buffer.gauges().trimFailures()).isPositive();
            assertThat(buffer.ledger().committed()).isEqualTo(160);
        }
        try (RecordBuffer<String> buffer = on(disk).open()) {
            assertThat(buffer.ledger().committed()).isEqualTo(160);
            assertThat(buffer.ledger().held()).isEqualTo(0);
        }
    }

    @Test
    void commitReturnsWhileTrimmingWaitsForTheDisk() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        CountDownLatch trims = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        JournalSettings large = SEGMENTS_OF_8_KIB.withSegmentBytes(ByteSize.ofKiB(64));
        try (RecordBuffer<String> buffer = on(disk).journalSettings(large).open()) {
            disk.faults(call -> {
                if (writesCheckpoint(call)) {
                    trims.countDown();
                    uninterruptibly(goOn);
                }
                return call.length();
            });
            for (int i = 0; i < 70; i++) { // A little more than one segment.
                buffer.add("x".repeat(900));
                assertThat(next(buffer)).hasSize(1);
            }
            trims.await();
            buffer.add("last");
            assertThat(next(buffer)).containsExactly("last");
            goOn.countDown();
        }
    }

    private static void uninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (true) {
            try {
                latch.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What the trimmer writes goes into the journal's reserve; a part of it is kept for that. */
    @Test
    void commitsWaitForTheTrimmerBeforeTheyFillTheReserve() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        CountDownLatch trims = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger committed = new AtomicInteger();
        try (RecordBuffer<String> buffer = on(disk).capacity(10_000).open();
                AutoCloseable _ = goOn::countDown) {
            for (int i = 0; i < 400; i++) {
                buffer.add("x");
            }
            disk.faults(call -> {
                if (writesCheckpoint(call)) {
                    trims.countDown();
                    uninterruptibly(goOn);
                }
                return call.length();
            });
            Thread consumer = Thread.ofPlatform().start(() -> commitAll(buffer, committed));
            trims.await();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!waitsIn("keepUp", consumer)) {
                assertThat(consumer.isAlive()).as("all notes went into the reserve").isTrue();
                assertThat(System.nanoTime() - deadline)
                        .as("the consumer waits elsewhere: %s", List.of(consumer.getStackTrace()))
                        .isNegative();
                Thread.onSpinWait();
            }
            goOn.countDown();
            consumer.join();
            assertThat(committed).hasValue(400);
        }
    }

    private static boolean waitsIn(String caller, Thread thread) {
        List<String> methods =
                Arrays.stream(thread.getStackTrace())
                        .map(StackTraceElement::getMethodName)
                        .toList();
        return methods.contains(caller)
                && methods.stream().anyMatch(method -> method.startsWith("await"));
    }

    private static void commitAll(RecordBuffer<String> buffer, AtomicInteger committed) {
        try {
            while (!next(buffer).isEmpty()) {
                committed.incrementAndGet();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void commitWhoseSyncFailedCanBeAskedForAgainAndIsNeverAWrongBatch() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        RecordBuffer<String> buffer = on(disk).open();
        buffer.add("1");
        Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
        disk.faults(
                Faults.failAll(call ->
                        call.kind() == DiskCall.Kind.SYNC || call.kind() == DiskCall.Kind.FORCE));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> buffer.commit(batch)).isInstanceOf(PoisonedException.class);
        }
        assertThatThrownBy(buffer::close).isInstanceOf(PoisonedException.class);
        disk.faults(Faults.NONE);
        try (RecordBuffer<String> again = on(disk).open()) {
            assertThat(again.ledger().balances()).isTrue();
        }
    }

    /** The recipe of docs/records.md, with an interrupt in whatever the delivery was doing. */
    @Test
    void drainAndBothClosesWorkWhileSegmentsAreTrimmed(@TempDir Path folder) throws Exception {
        for (int round = 0; round < 12; round++) {
            RecordBuffer<String> buffer =
                    RecordBuffer.<String>of(Trigger.atLeast(50))
                            .journal(folder.resolve("buffer"))
                            .journalSettings(SEGMENTS_OF_8_KIB.withSegmentBytes(ByteSize.ofKiB(64)))
                            .codec(Codec.strings())
                            .open();
            FailingOutlet<String> outlet = new FailingOutlet<>();
            Delivery<String> delivery = Delivery.start(buffer, outlet, RetryPolicy.defaults());
            for (int i = 0; i < 20; i++) {
                buffer.addAll(
                        IntStream.range(0, 50).mapToObj("record of a line %d"::formatted).toList());
            }
            assertThat(buffer.drain(Duration.ofMinutes(1))).isEqualTo(0);
            delivery.close();
            assertThat(delivery.stoppedBy()).isEmpty();
            buffer.close();
            assertThat(outlet.awaitDelivered(1000)).hasSize(1000);
        }
        try (RecordBuffer<String> buffer =
                RecordBuffer.<String>of(Trigger.atLeast(50))
                        .journal(folder.resolve("buffer"))
                        .journalSettings(SEGMENTS_OF_8_KIB.withSegmentBytes(ByteSize.ofKiB(64)))
                        .codec(Codec.strings())
                        .open()) {
            assertThat(buffer.ledger().committed()).isEqualTo(12_000);
            assertThat(buffer.ledger().held()).isEqualTo(0);
        }
    }
}
