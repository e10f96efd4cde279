package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Trigger;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A buffer under random calls, beside a model in plain lists; on a journal also under reopenings,
 * after a close or after the death of its process.
 */
final class RandomActions {
    private static final int STEPS = 150;

    private final Random random;
    private final long seed;
    private final Clock clock;
    private final boolean durable;
    private SimulatedDisk disk = new SimulatedDisk();
    private final Deque<List<String>> ready = new ArrayDeque<>();
    private final List<List<String>> dead = new ArrayList<>();
    private List<String> held = new ArrayList<>();
    private int next = 1;
    private int threshold = 3;
    private boolean armed;

    RandomActions(long seed, Clock clock, boolean durable) {
        this.seed = seed;
        this.durable = durable;
        this.random = new Random(seed);
        this.clock = clock;
    }

    private RecordBuffer<String> open() {
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.atLeast(threshold)).clock(clock);
        return (durable
                        ? builder.disk(disk)
                                .journal(Path.of("/buffer"))
                                .journalSettings(DurableBufferTest.SMALL)
                                .codec(Codec.strings())
                        : builder)
                .open();
    }

    void run() throws Exception {
        RecordBuffer<String> buffer = open();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> {
                    held.add(String.valueOf(next));
                    buffer.add(String.valueOf(next++));
                    transferred();
                }
                case 4 -> {
                    List<String> some = List.of(next++ + "a", next++ + "b");
                    held.addAll(some);
                    buffer.addAll(some);
                    transferred();
                }
                case 5, 6 -> takeAndCommit(buffer);
                case 7 -> {
                    buffer.flush();
                    releaseIf(true);
                }
                case 8 -> {
                    assertThat(buffer.reset()).as("seed %d", seed).isEqualTo(held.size());
                    held.clear();
                    armed = false;
                }
                case 9 -> {
                    buffer.releaseAtNextTransfer();
                    armed = true;
                }
                case 10 -> {
                    buffer.addAll(List.of());
                    transferred();
                }
                case 11 -> replayOrDiscard(buffer);
                case 12 -> {
                    releaseIf(true);
                    long left = ready.stream().mapToLong(List::size).sum();
                    assertThat(buffer.drain(Duration.ZERO)).as("seed %d", seed).isEqualTo(left);
                }
                default -> {
                    if (durable) {
                        buffer = reopen(buffer);
                    }
                }
            }
            assertThat(buffer.ledger().balances()).as("seed %d step %d", seed, step).isTrue();
        }
        buffer.close();
    }

    private RecordBuffer<String> reopen(RecordBuffer<String> buffer) {
        if (random.nextBoolean()) {
            SimulatedDisk left = disk.crash(Survival.EVERYTHING);
            buffer.close();
            disk = left;
        } else {
            buffer.close();
        }
        threshold = 1 + random.nextInt(5);
        armed = false;
        RecordBuffer<String> again = open();
        releaseIf(held.size() >= threshold);
        return again;
    }

    /** The trigger was asked, or the flag was there. */
    private void transferred() {
        releaseIf(armed || held.size() >= threshold);
        armed = false;
    }

    private void replayOrDiscard(RecordBuffer<String> buffer) {
        if (dead.isEmpty()) {
            return;
        }
        int which = random.nextInt(dead.size());
        DeadLetter<String> letter = buffer.deadLetters().get(which);
        assertThat(letter.records()).as("seed %d", seed).isEqualTo(dead.remove(which));
        if (random.nextBoolean()) {
            buffer.replay(letter);
            held.addAll(letter.records());
            transferred();
        } else {
            buffer.discard(letter);
        }
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
        List<String> records = batch.get().records();
        switch (random.nextInt(6)) {
            case 0, 1 -> buffer.fail(batch.get(), "model says no");
            case 2 -> {
                buffer.deadLetter(batch.get(), "model says never");
                ready.remove();
                dead.add(records);
            }
            case 3 -> {
                if (records.size() > 1) {
                    int half = records.size() / 2;
                    buffer.split(batch.get());
                    ready.remove();
                    ready.addFirst(records.subList(half, records.size()));
                    ready.addFirst(records.subList(0, half));
                } else {
                    buffer.commit(batch.get());
                    ready.remove();
                }
            }
            default -> {
                buffer.commit(batch.get());
                ready.remove();
            }
        }
        assertThat(buffer.deadLetters().stream().map(DeadLetter::records))
                .as("seed %d", seed)
                .isEqualTo(dead);
    }
}
