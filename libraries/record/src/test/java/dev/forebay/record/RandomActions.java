package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A buffer under random calls of one thread, beside {@link PlainLists}: one that overflows, in
 * every way there is, and on a journal one that is opened again with other settings, after a close
 * or after the death of its process.
 */
final class RandomActions {
    private static final int STEPS = 150;

    private final Random random;
    private final String seed;
    private final boolean durable;
    private SimulatedDisk disk = new SimulatedDisk();
    private PlainLists model;
    private Optional<Batch<String>> out = Optional.empty();
    private int next = 1;

    RandomActions(long seed, boolean durable) {
        this.seed = "seed " + seed + (durable ? " on a journal" : " in memory");
        this.durable = durable;
        this.random = new Random(seed);
        this.model = new PlainLists(settings());
    }

    private PlainLists.Settings settings() {
        List<WhenFull> choices =
                List.of(
                        WhenFull.reject(),
                        WhenFull.block(Duration.ZERO),
                        WhenFull.dropOldest(),
                        WhenFull.dropNewest(),
                        WhenFull.spill());
        return new PlainLists.Settings(
                1 + random.nextInt(5),
                random.nextBoolean() ? 1 + random.nextInt(4) : Integer.MAX_VALUE,
                random.nextInt(3) == 0 ? 1_000_000 : 5 + random.nextInt(6),
                choices.get(random.nextInt(durable ? 5 : 4)));
    }

    private RecordBuffer<String> open() {
        PlainLists.Settings settings = model.settings();
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.atLeast(settings.threshold()))
                        .capacity(settings.capacity())
                        .maxBatchRecords(settings.maxBatch())
                        .whenFull(settings.whenFull());
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
            buffer = act(buffer);
            compare(buffer, step);
        }
        buffer.close();
    }

    private RecordBuffer<String> act(RecordBuffer<String> buffer) throws Exception {
        switch (random.nextInt(16)) {
            case 0, 1, 2, 3 -> add(buffer, 1);
            case 4, 5 -> add(buffer, random.nextInt(7));
            case 6, 7 -> take(buffer);
            case 8, 9, 10 -> answer(buffer);
            case 11 -> {
                model.flush();
                buffer.flush();
            }
            case 12 -> {
                if (random.nextBoolean()) {
                    assertThat(buffer.reset()).as(seed).isEqualTo(model.reset());
                } else {
                    model.arm();
                    buffer.releaseAtNextTransfer();
                }
            }
            case 13 -> replayOrDiscard(buffer);
            case 14 -> {
                model.flush();
                assertThat(buffer.drain(Duration.ZERO)).as(seed).isEqualTo(model.left());
            }
            default -> {
                return random.nextInt(3) == 0 ? again(buffer) : buffer;
            }
        }
        return buffer;
    }

    private void add(RecordBuffer<String> buffer, int count) {
        List<String> records =
                IntStream.range(next, next + count).mapToObj(String::valueOf).toList();
        next += count;
        switch (model.add(records)) {
            case KEPT ->
                    assertThat(
                                    count == 1
                                            ? buffer.add(records.getFirst()) == 0
                                            : buffer.addAll(records).dropped() > 0)
                            .as(seed)
                            .isFalse();
            case DROPPED -> assertThat(buffer.addAll(records).dropped()).as(seed).isEqualTo(count);
            case REFUSED ->
                    assertThatThrownBy(() -> buffer.addAll(records))
                            .as(seed)
                            .isInstanceOf(RecordException.class);
        }
    }

    private void take(RecordBuffer<String> buffer) throws InterruptedException {
        Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
        assertThat(batch.map(Batch::records)).as(seed).isEqualTo(model.take());
        out = batch.or(() -> out);
    }

    /** The consumer's word on the batch that is out. */
    private void answer(RecordBuffer<String> buffer) {
        if (out.isEmpty()) {
            return;
        }
        Batch<String> batch = out.orElseThrow();
        out = Optional.empty();
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                buffer.fail(batch, "model says no");
                model.fail();
            }
            case 2 -> {
                buffer.deadLetter(batch, "model says never");
                model.deadLetter();
            }
            case 3 -> {
                if (batch.size() > 1) {
                    buffer.split(batch);
                    model.split();
                } else {
                    buffer.commit(batch);
                    model.commit();
                }
            }
            default -> {
                buffer.commit(batch);
                model.commit();
            }
        }
    }

    private void replayOrDiscard(RecordBuffer<String> buffer) {
        if (model.dead().isEmpty()) {
            return;
        }
        int which = random.nextInt(model.dead().size());
        DeadLetter<String> letter = buffer.deadLetters().get(which);
        if (random.nextInt(4) == 0) {
            buffer.discard(letter);
            model.dead().remove(which);
            return;
        }
        switch (model.add(letter.records())) {
            case KEPT -> {
                assertThat(buffer.replay(letter).dropped()).as(seed).isEqualTo(0);
                model.dead().remove(which);
            }
            case DROPPED ->
                    assertThat(buffer.replay(letter).dropped())
                            .as(seed)
                            .isEqualTo(letter.records().size());
            case REFUSED ->
                    assertThatThrownBy(() -> buffer.replay(letter))
                            .as(seed)
                            .isInstanceOf(RecordException.class);
        }
    }

    /** In memory a close ends it all; on a journal the next opening goes on. */
    private RecordBuffer<String> again(RecordBuffer<String> buffer) throws Exception {
        out = Optional.empty();
        if (durable && random.nextBoolean()) {
            SimulatedDisk left = disk.crash(Survival.EVERYTHING);
            buffer.close();
            disk = left;
        } else {
            assertThat(buffer.close(Duration.ZERO).records()).as(seed).isEqualTo(model.left());
            assertThatThrownBy(() -> buffer.add("late")).isInstanceOf(RecordException.class);
        }
        if (durable) {
            model.reopened(settings());
        } else {
            model.lost();
            compare(buffer, -1);
            model = new PlainLists(settings());
        }
        return open();
    }

    private void compare(RecordBuffer<String> buffer, int step) {
        Ledger ledger = buffer.ledger();
        assertThat(ledger.balances()).as("%s step %d: %s", seed, step, ledger).isTrue();
        Map<DropReason, Long> dropped = new HashMap<>(ledger.dropped());
        dropped.values().removeIf(count -> count == 0);
        assertThat(new Ledger(ledger.accepted(), ledger.committed(), ledger.held(), dropped))
                .as("%s step %d", seed, step)
                .isEqualTo(model.ledger());
        Gauges gauges = buffer.gauges();
        assertThat(List.of(gauges.held(), gauges.released(), gauges.inFlight()))
                .as("%s step %d", seed, step)
                .containsExactly((long) model.heldBack(), model.waiting(), model.inFlight());
        assertThat(buffer.deadLetters().stream().map(DeadLetter::records))
                .as("%s step %d", seed, step)
                .isEqualTo(model.dead());
    }
}
