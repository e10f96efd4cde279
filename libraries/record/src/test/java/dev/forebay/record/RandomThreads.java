package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Durability;
import dev.forebay.base.ForebayException;
import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * A small buffer that several threads add to, that one consumes and one looks after, and that is
 * closed somewhere in between; then what each was told is held against the ledger and, on a
 * journal, against what the next opening finds. Which thread comes when is not in the seed.
 */
final class RandomThreads {
    private static final int ADDERS = 3;
    private static final int EACH = 40;

    private final long seed;
    private final WhenFull whenFull;
    private final boolean durable;
    private final int closeAfter;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final RecordBuffer<String> buffer;

    /** By sequence number: the record that its adder was told has it. */
    private final NavigableMap<Long, String> told = new ConcurrentSkipListMap<>();

    private final AtomicLong newest = new AtomicLong();
    private final AtomicLong reset = new AtomicLong();
    private final AtomicLong given = new AtomicLong();

    /** Of the consumer alone. */
    private final NavigableMap<Long, String> committed = new TreeMap<>();

    private final NavigableMap<Long, String> dead = new TreeMap<>();

    RandomThreads(long seed, WhenFull whenFull, boolean durable) {
        this.seed = seed;
        this.whenFull = whenFull;
        this.durable = durable;
        Random random = new Random(seed);
        closeAfter = random.nextInt(2 * ADDERS * EACH);
        buffer = open(2 + random.nextInt(4), 5 + random.nextInt(10));
    }

    private RecordBuffer<String> open(int threshold, int capacity) {
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(
                                Trigger.anyOf(
                                        Trigger.atLeast(threshold),
                                        Trigger.age(Duration.ofMillis(1))))
                        .capacity(capacity)
                        .whenFull(whenFull);
        return durable
                ? builder.disk(disk)
                        .journal(Path.of("/buffer"))
                        .journalSettings(DurableBufferTest.SMALL)
                        .durability(seed % 2 == 0 ? Durability.SYNCED : Durability.WRITTEN)
                        .codec(Codec.strings())
                        .open()
                : builder.open();
    }

    private String name() {
        return "seed %d, %s, %s".formatted(seed, whenFull, durable ? "on a journal" : "in memory");
    }

    /** What was refused was not added, and the next one may be. */
    private void add(int adder) {
        Random random = new Random(seed * 31 + adder);
        for (int i = 0; i < EACH; i++) {
            int from = i * 10;
            List<String> records =
                    IntStream.range(from, from + 1 + random.nextInt(3))
                            .mapToObj(number -> adder + " " + number)
                            .toList();
            try {
                if (records.size() == 1 && random.nextBoolean()) {
                    long sequence = buffer.add(records.getFirst());
                    tell(records, sequence, sequence == 0 ? 1 : 0);
                } else {
                    Receipt receipt = buffer.addAll(records);
                    tell(records, receipt.first(), receipt.dropped());
                }
            } catch (RecordException e) {
                if (e.fault() == RecordException.Fault.CLOSED) {
                    return;
                }
                assertThat(e.fault()).as(name()).isEqualTo(RecordException.Fault.FULL);
            } finally {
                given.incrementAndGet();
            }
        }
        given.addAndGet(EACH);
    }

    private void tell(List<String> records, long first, int dropped) {
        newest.addAndGet(dropped);
        for (int i = 0; i < records.size() - dropped; i++) {
            assertThat(told.put(first + i, records.get(i))).as(name()).isNull();
        }
    }

    private void consume() throws InterruptedException {
        Random random = new Random(seed * 31 - 1);
        while (!buffer.isClosed()) {
            Optional<Batch<String>> batch = take();
            if (batch.isPresent()) {
                try {
                    answer(batch.orElseThrow(), random);
                } catch (ForebayException e) {
                    assertThat(buffer.isClosed()).as("%s: %s", name(), e).isTrue();
                }
            }
        }
    }

    /** A take may be refused while the buffer closes. */
    private Optional<Batch<String>> take() throws InterruptedException {
        try {
            return buffer.take(Duration.ofMillis(1));
        } catch (ForebayException e) {
            assertThat(buffer.isClosed()).as("%s: %s", name(), e).isTrue();
            return Optional.empty();
        }
    }

    private void answer(Batch<String> batch, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> buffer.fail(batch, "random says no");
            case 1 -> {
                if (batch.size() > 1) {
                    buffer.split(batch);
                } else {
                    buffer.fail(batch, "random says no");
                }
            }
            case 2 -> {
                buffer.deadLetter(batch, "random says never");
                note(batch, dead);
            }
            default -> {
                buffer.commit(batch);
                note(batch, committed);
            }
        }
    }

    private static void note(Batch<String> batch, Map<Long, String> records) {
        for (int i = 0; i < batch.size(); i++) {
            records.put(batch.first() + i, batch.records().get(i));
        }
    }

    private void lookAfter() {
        Random random = new Random(seed * 31 - 2);
        while (!buffer.isClosed()) {
            Ledger ledger = buffer.ledger();
            assertThat(ledger.balances()).as("%s: %s", name(), ledger).isTrue();
            try {
                switch (random.nextInt(8)) {
                    case 0 -> buffer.flush();
                    case 1 -> reset.addAndGet(buffer.reset());
                    case 2 -> buffer.releaseAtNextTransfer();
                    case 3 -> buffer.addAll(List.of());
                    default -> buffer.gauges();
                }
            } catch (ForebayException e) {
                assertThat(buffer.isClosed() || full(e)).as("%s: %s", name(), e).isTrue();
            }
        }
    }

    private static boolean full(ForebayException e) {
        return e instanceof RecordException r && r.fault() == RecordException.Fault.FULL;
    }

    private void close() throws InterruptedException {
        while (given.get() < closeAfter) {
            Thread.onSpinWait();
        }
        buffer.close(Duration.ZERO);
    }

    void run() throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < ADDERS; i++) {
                int adder = i;
                all.add(threads.submit(() -> add(adder)));
            }
            all.add(
                    threads.submit(() -> {
                        consume();
                        return "consumed";
                    }));
            all.add(threads.submit(this::lookAfter));
            close();
            for (Future<?> one : all) {
                one.get();
            }
        }
        audit();
    }

    private void audit() throws InterruptedException {
        Ledger ledger = buffer.ledger();
        String name = name() + ": " + ledger;
        assertThat(ledger.balances()).as(name).isTrue();
        assertThat(ledger.accepted()).as(name).isEqualTo(told.size() + newest.get());
        assertThat(ledger.committed()).as(name).isEqualTo(committed.size());
        assertThat(ledger.dropped().getOrDefault(DropReason.NEWEST, 0L))
                .as(name)
                .isEqualTo(newest.get());
        assertThat(ledger.dropped().getOrDefault(DropReason.RESET, 0L))
                .as(name)
                .isEqualTo(reset.get());
        assertThat(ledger.dropped().getOrDefault(DropReason.DEAD_LETTER, 0L))
                .as(name)
                .isEqualTo(dead.size());
        assertThat(told.entrySet()).as(name).containsAll(committed.entrySet());
        assertThat(told.entrySet()).as(name).containsAll(dead.entrySet());
        assertThat(committed.keySet()).as(name).noneMatch(dead::containsKey);
        if (durable) {
            auditTheNextOpening(ledger);
        } else {
            assertThat(ledger.held()).as(name).isEqualTo(0);
        }
    }

    private void auditTheNextOpening(Ledger before) throws InterruptedException {
        try (RecordBuffer<String> next = open(1, 1000)) {
            assertThat(next.ledger().held()).as(name()).isEqualTo(before.held());
            assertThat(next.ledger().accepted()).as(name()).isEqualTo(before.accepted());
            assertThat(next.ledger().balances()).as(name()).isTrue();
            assertThat(next.deadLetters().stream().flatMap(letter -> letter.records().stream()))
                    .as(name())
                    .containsExactlyElementsOf(dead.values());
            next.flush();
            NavigableMap<Long, String> rest = new TreeMap<>();
            long last = 0;
            for (Optional<Batch<String>> batch = next.take(Duration.ZERO);
                    batch.isPresent();
                    batch = next.take(Duration.ZERO)) {
                assertThat(batch.get().first()).as(name()).isGreaterThan(last);
                last = batch.get().last();
                note(batch.get(), rest);
                next.commit(batch.get());
            }
            assertThat(rest).as(name()).hasSize((int) before.held());
            assertThat(told.entrySet()).as(name()).containsAll(rest.entrySet());
            assertThat(rest.keySet()).as(name()).noneMatch(committed::containsKey);
            assertThat(rest.keySet()).as(name()).noneMatch(dead::containsKey);
        }
    }
}
