package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A buffer at {@code SYNCED} whose commits are written, crashed after every call of the disk. */
class WrittenCommitCrashTest {
    private static final int BATCH = 3;
    private static final int RECORDS = 40;

    /**
     * What the run was told before it crashed.
     *
     * @param synced the last record whose commit an acknowledged add came after
     */
    private record Told(long accepted, long committed, long synced, Map<Long, List<String>> seen) {}

    private record Image(String when, SimulatedDisk disk, Told told) {}

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<Image> deaths = new ArrayList<>();
    private final List<Image> cuts = new ArrayList<>();
    private volatile Told told = new Told(0, 0, 0, Map.of());

    private static RecordBuffer<String> open(SimulatedDisk disk) {
        return RecordBuffer.<String>of(Trigger.atLeast(BATCH))
                .disk(disk)
                .journal(Path.of("/buffer"))
                .journalSettings(DurableBufferTest.SMALL)
                .commits(Durability.WRITTEN)
                .codec(Codec.strings())
                .open();
    }

    @BeforeEach
    void crashEverywhere() throws Exception {
        disk.afterEachChange(call -> keep("after " + call, call.number()));
        Map<Long, List<String>> seen = new HashMap<>();
        long committed = 0;
        try (RecordBuffer<String> buffer = open(disk)) {
            for (int i = 1; i <= RECORDS; i++) {
                buffer.add(String.valueOf(i));
                told = new Told(i, committed, committed, Map.copyOf(seen));
                Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                if (batch.isPresent()) {
                    seen.put(batch.get().id(), batch.get().records());
                    told = new Told(i, committed, told.synced, Map.copyOf(seen));
                    buffer.commit(batch.get());
                    committed = batch.get().last();
                    told = new Told(i, committed, told.synced, Map.copyOf(seen));
                }
            }
        }
        disk.afterEachChange(call -> {});
    }

    private synchronized void keep(String when, long number) {
        deaths.add(new Image(when, disk.kill(), told));
        for (Survival survival : List.of(Survival.NOTHING, Survival.random(number))) {
            cuts.add(new Image(when + ", " + survival, disk.crash(survival), told));
        }
    }

    /** What a reopening hands out; in order, without a hole, up to what was acknowledged. */
    private static List<Batch<String>> left(Image image) throws InterruptedException {
        List<Batch<String>> batches = new ArrayList<>();
        try (RecordBuffer<String> buffer = open(image.disk)) {
            assertThat(buffer.ledger().balances()).as(image.when).isTrue();
            buffer.flush();
            for (Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                    batch.isPresent();
                    batch = buffer.take(Duration.ZERO)) {
                batches.add(batch.get());
                buffer.commit(batch.get());
            }
        }
        List<String> records = batches.stream().flatMap(each -> each.records().stream()).toList();
        long from = records.isEmpty() ? RECORDS + 1 : Long.parseLong(records.getFirst());
        long to = records.isEmpty() ? RECORDS : Long.parseLong(records.getLast());
        assertThat(records)
                .as(image.when)
                .isEqualTo(
                        IntStream.rangeClosed((int) from, (int) to)
                                .mapToObj(String::valueOf)
                                .toList());
        if (records.isEmpty()) {
            assertThat(image.told.accepted - image.told.committed)
                    .as("%s: all is committed but a batch whose commit was under way", image.when)
                    .isIn(0L, 3L);
        } else {
            assertThat(to).as(image.when).isGreaterThanOrEqualTo(image.told.accepted);
            assertThat(from - 1)
                    .as("%s, told %s: none was skipped", image.when, image.told)
                    .isLessThanOrEqualTo(image.told.committed + BATCH);
        }
        for (Batch<String> batch : batches) {
            assertThat(batch.records())
                    .as("%s: batch %d", image.when, batch.id())
                    .isEqualTo(image.told.seen.getOrDefault(batch.id(), batch.records()));
        }
        return batches;
    }

    @Test
    void committedBatchDoesNotComeAgainWhenTheProcessDies() throws Exception {
        assertThat(deaths).hasSizeGreaterThan(100);
        for (Image image : deaths) {
            for (Batch<String> batch : left(image)) {
                assertThat(batch.first())
                        .as("%s, told %s", image.when, image.told)
                        .isGreaterThan(image.told.committed);
            }
        }
    }

    @Test
    void commitThatASyncedAddFollowedSurvivesAPowerCutAndLaterOnesComeAgainWhole()
            throws Exception {
        assertThat(cuts).hasSizeGreaterThan(200);
        boolean again = false;
        for (Image image : cuts) {
            for (Batch<String> batch : left(image)) {
                assertThat(batch.first())
                        .as("%s, told %s", image.when, image.told)
                        .isGreaterThan(image.told.synced);
                again |= batch.first() <= image.told.committed;
            }
        }
        assertThat(again).as("a power cut took a commit back").isTrue();
    }
}
