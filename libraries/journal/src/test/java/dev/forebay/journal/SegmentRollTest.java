package dev.forebay.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.base.Durability;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ForwardingDisk;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What an append waits for when it goes on to the next segment. */
class SegmentRollTest {
    private static final Path ROOT = Path.of("/journal");

    /**
     * Every call of the other threads is held, so no segment can be made, synced or deleted: the
     * append that rolls returns all the same, and its own thread only stores.
     */
    @Test
    void rollToReadySegmentMakesAndAwaitsNoDiskCall() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        AtomicLong made = new AtomicLong();
        Journal journal =
                Journal.open(counting(disk, made), Clock.system(), ROOT, JournalTest.SMALL);
        for (int roll = 0; roll < 5; roll++) {
            JournalTest.until("a segment is ready", () -> made.get() > journal.segmentCount());
            int before = journal.segmentCount();
            Set<Kind> own = EnumSet.noneOf(Kind.class);
            CountDownLatch release = new CountDownLatch(1);
            FutureTask<Integer> appends =
                    new FutureTask<>(() -> {
                        while (journal.segmentCount() == before) {
                            journal.append(new byte[700], Durability.WRITTEN);
                        }
                        return journal.segmentCount();
                    });
            Thread appender = Thread.ofPlatform().daemon().unstarted(appends);
            disk.faults(call -> {
                if (Thread.currentThread().equals(appender)) {
                    own.add(call.kind());
                } else {
                    await(release);
                }
                return call.length();
            });
            try {
                appender.start();
                assertThat(appender.join(Duration.ofSeconds(30)))
                        .as("the roll waits for no call of another thread")
                        .isTrue();
                assertThat(appends.get()).isEqualTo(before + 1);
                assertThat(own).containsExactly(Kind.STORE);
            } finally {
                release.countDown();
            }
        }
        disk.faults(Faults.NONE);
        journal.close();
    }

    /**
     * The disk, and how many segments have their last disk call behind them: a segment that has its
     * name is not ready yet, its directory is still to be synced.
     */
    private static Disk counting(SimulatedDisk disk, AtomicLong made) {
        return new ForwardingDisk(disk) {
            @Override
            public void syncDirectory(Path directory) throws IOException {
                super.syncDirectory(directory);
                made.set(GrowthTest.segments(disk));
            }
        };
    }

    private static void await(CountDownLatch release) {
        try {
            if (!release.await(120, TimeUnit.SECONDS)) {
                throw new AssertionError("the call was never released");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("a thread of the journal was interrupted", e);
        }
    }
}
