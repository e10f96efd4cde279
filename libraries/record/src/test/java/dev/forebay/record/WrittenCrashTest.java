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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A buffer at {@code WRITTEN}, crashed after every call of the disk. The death of the process
 * leaves all that was written, a power cut what was synced.
 */
class WrittenCrashTest {
    private static final Path DIRECTORY = Path.of("/buffer");
    private static final int RECORDS = 8;

    /** What the run was told before it crashed. */
    private record Told(long accepted, long committed, Map<Long, List<String>> seen) {}

    /** What a crash left. */
    private record Image(String when, SimulatedDisk disk, Told told) {}

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<Image> deaths = new ArrayList<>();
    private final List<Image> cuts = new ArrayList<>();
    private volatile Told told = new Told(0, 0, Map.of());

    private static RecordBufferBuilder<String> on(SimulatedDisk disk, Durability handOver) {
        return RecordBuffer.<String>of(Trigger.atLeast(3))
                .disk(disk)
                .journal(DIRECTORY)
                .journalSettings(DurableBufferTest.SMALL)
                .durability(Durability.WRITTEN)
                .handOver(handOver)
                .codec(Codec.strings());
    }

    /** Adds, takes and commits, and keeps an image of each kind after every call of the disk. */
    private void crashEverywhere(Durability handOver) throws Exception {
        disk.afterEachChange(call -> keep("after " + call, call.number()));
        Map<Long, List<String>> seen = new HashMap<>();
        long committed = 0;
        try (RecordBuffer<String> buffer = on(disk, handOver).open()) {
            for (int i = 1; i <= RECORDS; i++) {
                buffer.add(String.valueOf(i));
                told = new Told(i, committed, Map.copyOf(seen));
                Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                if (batch.isPresent()) {
                    seen.put(batch.get().id(), batch.get().records());
                    told = new Told(i, committed, Map.copyOf(seen));
                    buffer.commit(batch.get());
                    committed = batch.get().last();
                    told = new Told(i, committed, Map.copyOf(seen));
                }
            }
        }
        disk.afterEachChange(call -> {});
        keep("at the end", 0);
    }

    private synchronized void keep(String when, long number) {
        deaths.add(new Image(when, disk.kill(), told));
        for (Survival survival :
                List.of(
                        Survival.NOTHING,
                        Survival.random(number),
                        Survival.random(number + 1_000_003))) {
            cuts.add(new Image(when + ", " + survival, disk.crash(survival), told));
        }
    }

    /** What an opening hands out, by the batch's id. */
    private static Map<Long, List<String>> drained(SimulatedDisk left, String when)
            throws Exception {
        Map<Long, List<String>> batches = new HashMap<>();
        try (RecordBuffer<String> buffer = on(left, Durability.WRITTEN).open()) {
            assertThat(buffer.ledger().balances()).as(when).isTrue();
            buffer.flush();
            for (Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                    batch.isPresent();
                    batch = buffer.take(Duration.ZERO)) {
                batches.put(batch.get().id(), batch.get().records());
                buffer.commit(batch.get());
            }
        }
        return batches;
    }

    /** The records of all batches, which must be a run without a hole; 0 if there are none. */
    private static int[] run(Map<Long, List<String>> batches, String when) {
        List<Integer> numbers =
                batches.values().stream()
                        .flatMap(List::stream)
                        .map(Integer::valueOf)
                        .sorted()
                        .toList();
        if (numbers.isEmpty()) {
            return new int[] {0, 0};
        }
        int from = numbers.getFirst();
        int to = numbers.getLast();
        assertThat(numbers).as(when).isEqualTo(IntStream.rangeClosed(from, to).boxed().toList());
        return new int[] {from, to};
    }

    private static void keepTheirIds(
            Map<Long, List<String>> batches, Map<Long, List<String>> seen, String when) {
        batches.forEach((id, records) ->
                assertThat(records).as(when).isEqualTo(seen.getOrDefault(id, records)));
    }

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"WRITTEN", "SYNCED"})
    void nothingAcknowledgedIsLostAndIdsAreKeptWheneverTheProcessDies(Durability handOver)
            throws Exception {
        crashEverywhere(handOver);
        assertThat(deaths).hasSizeGreaterThan(30);
        for (Image image : deaths) {
            String when = "%s, told %s".formatted(image.when, image.told);
            Map<Long, List<String>> batches = drained(image.disk, when);
            int[] run = run(batches, when);
            long from = run[0] == 0 ? image.told.accepted + 1 : run[0];
            assertThat(from).as(when).isGreaterThan(image.told.committed);
            assertThat(from - 1 - image.told.committed)
                    .as("%s: none is missing in front, or a batch whose commit was under way", when)
                    .isIn(0L, 3L);
            assertThat(Math.max(run[1], from - 1))
                    .as(when)
                    .isGreaterThanOrEqualTo(image.told.accepted);
            keepTheirIds(batches, image.told.seen, when);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"WRITTEN", "SYNCED"})
    void whatAPowerCutLeavesIsInOrderAndABatchThatWasHandedOutSyncedIsKept(Durability handOver)
            throws Exception {
        crashEverywhere(handOver);
        assertThat(cuts).hasSizeGreaterThan(90);
        for (Image image : cuts) {
            String when = "%s, told %s".formatted(image.when, image.told);
            Map<Long, List<String>> batches = drained(image.disk, when);
            int[] run = run(batches, when);
            assertThat(run[1]).as(when).isLessThanOrEqualTo(RECORDS);
            if (handOver == Durability.SYNCED) {
                keepTheirIds(batches, image.told.seen, when);
                boolean outstanding = image.told.seen.size() * 3L > image.told.committed;
                if (outstanding && run[0] > 0) {
                    assertThat(run[0]).as(when).isLessThanOrEqualTo(3 * image.told.seen.size() + 1);
                }
            }
        }
    }
}
