package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A buffer on a journal under random calls and reopenings, beside a model in plain lists. */
final class RandomActions {
    private static final int STEPS = 150;

    private final Random random;
    private final long seed;
    private final Clock clock;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final Deque<List<String>> ready = new ArrayDeque<>();
    private List<String> held = new ArrayList<>();
    private int next = 1;
    private int threshold = 3;

    RandomActions(long seed, Clock clock) {
        this.seed = seed;
        this.random = new Random(seed);
        this.clock = clock;
    }

    private RecordBuffer<String> open() {
        return RecordBuffer.<String>of(Trigger.atLeast(threshold))
                .clock(clock)
                .disk(disk)
                .journal(Path.of("/buffer"))
                .journalSettings(DurableBufferTest.SMALL)
                .codec(Codec.strings())
                .open();
    }

    void run() throws Exception {
        RecordBuffer<String> buffer = open();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    held.add(String.valueOf(next));
                    buffer.add(String.valueOf(next++));
                    releaseIf(held.size() >= threshold);
                }
                case 4 -> {
                    List<String> some = List.of(next++ + "a", next++ + "b");
                    held.addAll(some);
                    buffer.addAll(some);
                    releaseIf(held.size() >= threshold);
                }
                case 5, 6 -> takeAndCommit(buffer);
                case 7 -> {
                    buffer.flush();
                    releaseIf(true);
                }
                case 8 -> {
                    assertThat(buffer.reset()).as("seed %d", seed).isEqualTo(held.size());
                    held.clear();
                }
                default -> {
                    buffer.close();
                    threshold = 1 + random.nextInt(5);
                    buffer = open();
                    releaseIf(held.size() >= threshold);
                }
            }
            assertThat(buffer.ledger().balances()).as("seed %d step %d", seed, step).isTrue();
        }
        buffer.close();
    }

    private void releaseIf(boolean release) {
        if (release && !held.isEmpty()) {
            ready.add(held);
            held = new ArrayList<>();
        }
    }

    private void takeAndCommit(RecordBuffer<String> buffer) throws InterruptedException {
        Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
        assertThat(batch.map(Batch::records))
                .as("seed %d", seed)
                .isEqualTo(Optional.ofNullable(ready.peek()));
        if (batch.isEmpty()) {
            return;
        }
        if (random.nextBoolean()) {
            buffer.fail(batch.get(), "model says no");
        } else {
            buffer.commit(batch.get());
            ready.remove();
        }
    }
}
