package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.ByteSize;
import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import dev.forebay.journal.JournalSettings;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The buffer on a journal: reopenings and power cuts. */
class DurableBufferTest {
    private static final Path DIRECTORY = Path.of("/buffer");
    static final JournalSettings SMALL =
            JournalSettings.defaults()
                    .withSegmentBytes(ByteSize.ofKiB(64))
                    .withReadyAhead(1)
                    .withSpares(0);

    private static RecordBufferBuilder<String> on(SimulatedDisk disk, int count) {
        return RecordBuffer.<String>of(Trigger.atLeast(count))
                .disk(disk)
                .journal(DIRECTORY)
                .journalSettings(SMALL)
                .codec(Codec.strings());
    }

    private static RecordBuffer<String> open(SimulatedDisk disk, int count) {
        return on(disk, count).open();
    }

    private static List<String> texts(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    @Test
    void recordsOfEveryFormSurviveAReopeningInOrder() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        List<String> records = List.of("a\nb", "\u2028\u0085\f", "", "{\"id\": 1}");
        try (RecordBuffer<String> buffer = open(disk, 10)) {
            buffer.addAll(records);
        }
        try (RecordBuffer<String> buffer = open(disk, 10)) {
            buffer.flush();
            assertThat(next(buffer)).isEqualTo(records);
        }
    }

    @Test
    void theSameBatchComesAgainWithTheSameIdAndIsMarked() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        long id;
        try (RecordBuffer<String> buffer = open(disk, 2)) {
            buffer.addAll(texts(1, 2));
            next(buffer);
            buffer.addAll(texts(3, 5));
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            buffer.fail(batch, "no");
            id = batch.id();
        }
        try (RecordBuffer<String> buffer = open(disk, 100)) {
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            assertThat(batch.id()).isEqualTo(id);
            assertThat(batch.records()).isEqualTo(texts(3, 5));
            assertThat(batch.redeliveries()).isEqualTo(2);
        }
    }

    @Test
    void anyConfigurationOpensWhatExistsAndOldBatchesKeepTheirBoundaries() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = open(disk, 3)) {
            buffer.addAll(texts(1, 3));
            buffer.addAll(texts(4, 5));
        }
        try (RecordBuffer<String> buffer = on(disk, 2).capacity(2).maxBatchRecords(1).open()) {
            assertThat(next(buffer)).isEqualTo(texts(1, 3));
            assertThat(next(buffer)).isEqualTo(texts(4, 4));
            assertThat(next(buffer)).isEqualTo(texts(5, 5));
        }
    }

    @Test
    void aSecondOwnerIsRefused() {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> first = open(disk, 3)) {
            assertThatThrownBy(() -> open(disk, 3)).isInstanceOf(JournalException.class);
            assertThat(first.add("1")).isEqualTo(1);
        }
    }

    @Test
    void theLedgerBalancesAcrossRestartsAndTrims() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        for (int run = 0; run < 3; run++) {
            try (RecordBuffer<String> buffer =
                    on(disk, 2).capacity(4).whenFull(WhenFull.dropOldest()).open()) {
                for (int i = 0; i < 200; i++) {
                    buffer.add("x".repeat(200));
                    if (i % 3 == 0) {
                        next(buffer);
                    }
                    assertThat(buffer.ledger().balances()).isTrue();
                }
                buffer.reset();
                Ledger ledger = buffer.ledger();
                assertThat(ledger.accepted()).isEqualTo(200L * (run + 1));
                assertThat(ledger.balances()).as(ledger.toString()).isTrue();
            }
        }
    }

    @Test
    void deadLettersSurviveAndCanBeReplayed() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = open(disk, 2)) {
            buffer.addAll(texts(1, 2));
            buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
        }
        try (RecordBuffer<String> buffer = open(disk, 2)) {
            DeadLetter<String> letter = buffer.deadLetters().getFirst();
            assertThat(letter.reason()).isEqualTo("bad data");
            assertThat(buffer.ledger().balances()).isTrue();
            buffer.replay(letter);
            assertThat(next(buffer)).isEqualTo(texts(1, 2));
            assertThat(buffer.deadLetters()).isEmpty();
        }
        try (RecordBuffer<String> buffer = open(disk, 2)) {
            assertThat(buffer.deadLetters()).isEmpty();
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    @Test
    void whatDoesNotFitInMemorySpillsAndComesBack() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer =
                on(disk, 2).capacity(4).whenFull(WhenFull.spill()).open()) {
            texts(1, 20).forEach(buffer::add);
            for (int i = 1; i < 20; i += 2) {
                assertThat(next(buffer)).isEqualTo(texts(i, i + 1));
            }
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    @Test
    void anAgeResumesAfterAReopeningAndAClockStepNeverMakesItLater() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        Duration minute = Duration.ofMinutes(1);
        RecordBufferBuilder<String> builder =
                RecordBuffer.<String>of(Trigger.age(minute))
                        .disk(disk)
                        .clock(clock)
                        .journal(DIRECTORY)
                        .journalSettings(SMALL)
                        .codec(Codec.strings());
        try (RecordBuffer<String> buffer = builder.open()) {
            buffer.add("1");
        }
        clock.advance(Duration.ofSeconds(40));
        try (RecordBuffer<String> buffer = builder.open()) {
            assertThat(buffer.gauges().oldestAge()).isEqualTo(Duration.ofSeconds(40));
        }
        clock.stepWall(Duration.ofHours(-1));
        try (RecordBuffer<String> buffer = builder.open()) {
            assertThat(buffer.gauges().oldestAge()).isEqualTo(Duration.ZERO);
        }
        clock.stepWall(Duration.ofHours(2));
        try (RecordBuffer<String> buffer = builder.open()) {
            assertThat(next(buffer)).containsExactly("1");
        }
    }

    /** What a run was promised before the power went. */
    private record Ack(long accepted, long committed, Map<Long, List<String>> seen) {}

    private static CrashMatrix.Work<Ack> work() {
        return (disk, acks) -> {
            long committed = 0;
            long accepted = 0;
            Map<Long, List<String>> seen = new HashMap<>();
            try (RecordBuffer<String> buffer = on(disk, 3).open()) {
                for (int i = 1; i <= 8; i++) {
                    buffer.add(String.valueOf(i));
                    accepted = i;
                    acks.add(new Ack(accepted, committed, Map.copyOf(seen)));
                    Thread.interrupted(); // An interrupt ends a take, rightly.
                    Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                    if (batch.isPresent()) {
                        seen.put(batch.get().id(), batch.get().records());
                        acks.add(new Ack(accepted, committed, Map.copyOf(seen)));
                        buffer.commit(batch.get());
                        committed = batch.get().last();
                        acks.add(new Ack(accepted, committed, Map.copyOf(seen)));
                    }
                }
            }
        };
    }

    /** Nothing acknowledged is gone, nothing committed comes again, no id is used twice. */
    private static void check(SimulatedDisk disk, List<Ack> acks) throws Exception {
        Ack ack = acks.isEmpty() ? new Ack(0, 0, Map.of()) : acks.getLast();
        try (RecordBuffer<String> buffer = open(disk, 3)) {
            assertThat(buffer.ledger().balances()).isTrue();
            buffer.flush();
            List<String> left = new ArrayList<>();
            Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
            while (batch.isPresent()) {
                List<String> known = ack.seen().get(batch.get().id());
                if (known != null) {
                    assertThat(batch.get().records()).isEqualTo(known);
                }
                left.addAll(batch.get().records());
                buffer.commit(batch.get());
                batch = buffer.take(Duration.ZERO);
            }
            int from =
                    left.isEmpty() ? (int) ack.accepted() + 1 : Integer.parseInt(left.getFirst());
            assertThat(from).as("committed ones stay away").isGreaterThan((int) ack.committed());
            assertThat(from - 1 - ack.committed())
                    .as("none is missing in front, or all of a batch whose commit was under way")
                    .isIn(0L, 3L);
            assertThat(left).isEqualTo(texts(from, from + left.size() - 1));
            assertThat(from + left.size() - 1L).isGreaterThanOrEqualTo(ack.accepted());
        }
    }

    @Test
    void nothingAcknowledgedIsLostWhereverThePowerIsCut() throws Exception {
        assertThat(CrashMatrix.randoms(2).run(work(), DurableBufferTest::check)).isGreaterThan(100);
    }

    /** The recovery of every tenth image is crashed again at every call of it. */
    @Test
    void aCrashDuringRecoveryLosesNothingEither() throws Exception {
        AtomicInteger images = new AtomicInteger();
        AtomicInteger second = new AtomicInteger();
        CrashMatrix.randoms(1)
                .run(
                        work(),
                        (disk, acks) -> {
                            if (images.getAndIncrement() % 10 == 0) {
                                second.addAndGet(crashAgain(disk, acks));
                            }
                        });
        assertThat(second).hasValueGreaterThan(300);
    }

    private static int crashAgain(SimulatedDisk disk, List<Ack> acks) throws Exception {
        return CrashMatrix.randoms(1)
                .<Ack>run(
                        disk,
                        (again, more) -> {
                            acks.forEach(more::add);
                            Ack ack = acks.isEmpty() ? new Ack(0, 0, Map.of()) : acks.getLast();
                            try (RecordBuffer<String> buffer = open(again, 3)) {
                                buffer.flush();
                                Thread.interrupted(); // An interrupt ends a take, rightly.
                                Optional<Batch<String>> batch = buffer.take(Duration.ZERO);
                                if (batch.isPresent()) {
                                    Map<Long, List<String>> seen = new HashMap<>(ack.seen());
                                    seen.put(batch.get().id(), batch.get().records());
                                    more.add(new Ack(ack.accepted(), ack.committed(), seen));
                                }
                            }
                        },
                        DurableBufferTest::check);
    }
}
