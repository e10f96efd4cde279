package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which calls of a buffer cost a sync of its journal, counted on the disk. */
class SyncCountTest {
    private static final int BATCH = 100;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final AtomicLong syncs = new AtomicLong();

    private @Nullable Durability commits;

    private RecordBuffer<String> open(Durability durability, Durability handOver) {
        RecordBuffer<String> buffer =
                RecordBuffer.<String>of(Trigger.atLeast(BATCH))
                        .disk(disk)
                        .journal(Path.of("/buffer"))
                        .durability(durability)
                        .handOver(handOver)
                        .commits(commits == null ? durability : commits)
                        .codec(Codec.strings())
                        .open();
        disk.faults(call -> {
            if (syncsTheFirstSegment(call)) {
                syncs.incrementAndGet();
            }
            return call.length();
        });
        return buffer;
    }

    /** Under either name its file was opened with; the next segments are made ready meanwhile. */
    private static boolean syncsTheFirstSegment(DiskCall call) {
        return (call.kind() == DiskCall.Kind.SYNC || call.kind() == DiskCall.Kind.FORCE)
                && (call.path().endsWith("spare-1")
                        || call.path().endsWith("0000000000000001.journal"));
    }

    private RecordBuffer<String> open(Durability durability) {
        return open(durability, durability);
    }

    private static List<String> records() {
        return IntStream.range(0, BATCH).mapToObj(String::valueOf).toList();
    }

    /** The syncs since this was last asked. */
    private long counted() {
        return syncs.getAndSet(0);
    }

    @Test
    void atSyncedSingleAddsAndCommitsCostASyncEachAndHandOversNone() throws Exception {
        try (RecordBuffer<String> buffer = open(Durability.SYNCED)) {
            for (int round = 0; round < 3; round++) {
                records().forEach(buffer::add);
                assertThat(counted()).as("a sync for each add").isEqualTo(BATCH);
                Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
                assertThat(counted()).as("none for the hand-over").isEqualTo(0);
                buffer.commit(batch);
                assertThat(counted()).as("one for the commit").isEqualTo(1);
            }
        }
    }

    @Test
    void atSyncedAListCostsOneSyncAndSoDoesItsCommit() throws Exception {
        try (RecordBuffer<String> buffer = open(Durability.SYNCED)) {
            for (int round = 0; round < 3; round++) {
                buffer.addAll(records());
                assertThat(counted()).as("one for the list and its release").isEqualTo(1);
                Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
                assertThat(counted()).as("none for the hand-over").isEqualTo(0);
                buffer.commit(batch);
                assertThat(counted()).as("one for the commit").isEqualTo(1);
            }
        }
    }

    @Test
    void atSyncedABatchThatNoAddReleasedCostsItsHandOverASync() throws Exception {
        try (RecordBuffer<String> buffer = open(Durability.SYNCED)) {
            buffer.add("a");
            assertThat(counted()).isEqualTo(1);
            buffer.flush();
            assertThat(counted()).as("a flush waits for nothing").isEqualTo(0);
            assertThat(buffer.take(Duration.ZERO)).isPresent();
            assertThat(counted()).as("the note of the release").isEqualTo(1);
        }
    }

    @Test
    void listAtSyncedWithWrittenCommitsCostsOneSyncFromItsAddToItsCommit() throws Exception {
        commits = Durability.WRITTEN;
        try (RecordBuffer<String> buffer = open(Durability.SYNCED)) {
            for (int round = 0; round < 3; round++) {
                buffer.addAll(records());
                buffer.commit(buffer.take(Duration.ZERO).orElseThrow());
                assertThat(counted()).isEqualTo(1);
            }
        }
    }

    @Test
    void atWrittenNoCallCostsASync() throws Exception {
        try (RecordBuffer<String> buffer = open(Durability.WRITTEN)) {
            for (int round = 0; round < 3; round++) {
                records().forEach(buffer::add);
                buffer.commit(buffer.take(Duration.ZERO).orElseThrow());
            }
            assertThat(counted()).isEqualTo(0);
        }
    }

    @Test
    void atWrittenWithASyncedHandOverOnlyTheHandOverCostsASync() throws Exception {
        try (RecordBuffer<String> buffer = open(Durability.WRITTEN, Durability.SYNCED)) {
            records().forEach(buffer::add);
            assertThat(counted()).isEqualTo(0);
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            assertThat(counted()).as("one for the hand-over").isEqualTo(1);
            buffer.commit(batch);
            assertThat(counted()).isEqualTo(0);
        }
    }
}
