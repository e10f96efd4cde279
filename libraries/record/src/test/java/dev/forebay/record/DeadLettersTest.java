package dev.forebay.record;

import static dev.forebay.record.RecordBufferTest.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.journal.JournalException;
import dev.forebay.record.RecordException.Fault;
import dev.forebay.record.outlet.Batch;
import dev.forebay.record.outlet.Outlet;
import dev.forebay.record.outlet.RetryPolicy;
import dev.forebay.record.outlet.Verdict;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was given up is kept, within bounds; beyond them nothing is lost and nothing skipped. */
@Timeout(60)
class DeadLettersTest {
    private static RecordBufferBuilder<String> memory() {
        return RecordBuffer.<String>of(Trigger.atLeast(2)).codec(Codec.strings());
    }

    private static RecordBufferBuilder<String> on(SimulatedDisk disk) {
        return memory().disk(disk)
                .journal(Path.of("/buffer"))
                .journalSettings(DurableBufferTest.SMALL);
    }

    /** Gives the first batch up; the second, which is refused, is out then. */
    private static Batch<String> refused(RecordBuffer<String> buffer) throws Exception {
        buffer.addAll(List.of("1", "2"));
        buffer.addAll(List.of("3", "4"));
        buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
        Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
        assertThatThrownBy(() -> buffer.deadLetter(batch, "bad data"))
                .isInstanceOfSatisfying(
                        RecordException.class,
                        e -> {
                            assertThat(e.fault()).isEqualTo(Fault.DEAD_LETTERS_FULL);
                            assertThat(e.mayRetry()).isFalse();
                        })
                .hasMessageContaining("they have 2 of")
                .hasMessageContaining("replay or discard some");
        assertThat(buffer.ledger().held()).isEqualTo(2);
        assertThat(buffer.ledger().balances()).isTrue();
        return batch;
    }

    @Test
    void beyondTheirBoundsABatchStaysOutUntilOneIsDiscardedOrReplayed() throws Exception {
        for (RecordBufferBuilder<String> builder :
                List.of(
                        memory().maxDeadLetterRecords(3),
                        memory().maxDeadLetterBytes(3),
                        on(new SimulatedDisk()).maxDeadLetterRecords(3),
                        on(new SimulatedDisk()).maxDeadLetterBytes(3))) {
            try (RecordBuffer<String> buffer = builder.open()) {
                Batch<String> second = refused(buffer);
                buffer.discard(buffer.deadLetters().getFirst());
                assertThat(buffer.deadLetters()).isEmpty();
                buffer.deadLetter(second, "bad data");
                DeadLetter<String> letter = buffer.deadLetters().getFirst();
                buffer.replay(letter);
                assertThat(next(buffer)).containsExactly("3", "4");
                assertThat(buffer.deadLetters()).isEmpty();
                assertThatThrownBy(() -> buffer.discard(letter))
                        .hasMessageContaining("replayed or discarded before");
                assertThat(buffer.ledger().dropped()).containsEntry(DropReason.DEAD_LETTER, 4L);
                assertThat(buffer.ledger().balances()).isTrue();
            }
        }
    }

    @Test
    void lowerBoundsRefuseNoLetterThatIsThereAndTakeNoOther() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        try (RecordBuffer<String> buffer = on(disk).open()) {
            buffer.addAll(List.of("1", "2"));
            buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
            buffer.addAll(List.of("3", "4"));
        }
        try (RecordBuffer<String> buffer = on(disk).maxDeadLetterRecords(0).open()) {
            assertThat(buffer.deadLetters().getFirst().records()).containsExactly("1", "2");
            Batch<String> batch = buffer.take(Duration.ZERO).orElseThrow();
            assertThatThrownBy(() -> buffer.deadLetter(batch, "bad data"))
                    .hasMessageContaining("2 of 0 records");
            buffer.commit(batch);
            buffer.discard(buffer.deadLetters().getFirst());
        }
        try (RecordBuffer<String> buffer = on(disk).open()) {
            assertThat(buffer.deadLetters()).isEmpty();
            assertThat(buffer.ledger().balances()).isTrue();
        }
    }

    @Test
    void aDeliveryStopsWithThatCauseAndTheBatchIsStillThere() throws Exception {
        for (RecordBufferBuilder<String> builder : List.of(memory(), on(new SimulatedDisk()))) {
            try (RecordBuffer<String> buffer = builder.maxDeadLetterRecords(3).open()) {
                List<String> records = List.of("1", "2", "3", "4", "5", "6");
                records.forEach(buffer::add);
                Outlet<String> outlet =
                        _ -> {
                            throw new IOException("no such table");
                        };
                Delivery<String> delivery =
                        Delivery.start(
                                buffer,
                                outlet,
                                RetryPolicy.defaults().withClassify(_ -> Verdict.DEAD_LETTER));
                delivery.join();
                assertThat(delivery.stoppedBy().orElseThrow())
                        .isInstanceOfSatisfying(
                                RecordException.class,
                                e -> assertThat(e.fault()).isEqualTo(Fault.DEAD_LETTERS_FULL))
                        .hasSuppressedException(new IOException("no such table"));
                assertThat(buffer.deadLetters().getFirst().records()).containsExactly("1", "2");
                assertThat(next(buffer)).containsExactly("3", "4");
                assertThat(next(buffer)).containsExactly("5", "6");
                assertThat(buffer.ledger().balances()).isTrue();
            }
        }
    }

    /** One call waits for room with the letter; other calls for the same letter are refused. */
    @Test
    void aLetterIsReplayedOnceHoweverManyAskForItAtOnce() throws Exception {
        for (RecordBufferBuilder<String> builder : List.of(memory(), on(new SimulatedDisk()))) {
            ManualClock clock = new ManualClock();
            try (RecordBuffer<String> buffer = builder.clock(clock).capacity(2).open()) {
                buffer.addAll(List.of("1", "2"));
                buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
                buffer.addAll(List.of("3", "4"));
                DeadLetter<String> letter = buffer.deadLetters().getFirst();
                CompletableFuture<Receipt> receipt = new CompletableFuture<>();
                Thread first =
                        Thread.ofVirtual().start(() -> receipt.complete(buffer.replay(letter)));
                clock.awaitWaiters(1);
                for (Consumer<DeadLetter<String>> other :
                        List.<Consumer<DeadLetter<String>>>of(buffer::replay, buffer::discard)) {
                    assertThatThrownBy(() -> other.accept(letter))
                            .isInstanceOfSatisfying(
                                    RecordException.class,
                                    e -> assertThat(e.fault()).isEqualTo(Fault.WRONG_BATCH))
                            .hasMessageContaining("batch 1 is being replayed");
                }
                assertThat(next(buffer)).containsExactly("3", "4");
                first.join();
                assertThat(receipt.get().first()).isEqualTo(5);
                assertThat(next(buffer)).containsExactly("1", "2");
                assertThat(buffer.deadLetters()).isEmpty();
                assertThat(buffer.ledger().accepted()).isEqualTo(6);
                assertThat(buffer.ledger().balances()).isTrue();
            }
        }
    }

    @Test
    void aReplayThatFoundNoRoomCanBeMadeAgain() throws Exception {
        for (WhenFull choice : List.of(WhenFull.reject(), WhenFull.dropNewest())) {
            try (RecordBuffer<String> buffer = memory().capacity(2).whenFull(choice).open()) {
                buffer.addAll(List.of("1", "2"));
                buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
                buffer.addAll(List.of("3", "4"));
                DeadLetter<String> letter = buffer.deadLetters().getFirst();
                if (choice instanceof WhenFull.Reject) {
                    assertThatThrownBy(() -> buffer.replay(letter))
                            .hasMessageContaining("2 of 2 are not committed");
                } else {
                    assertThat(buffer.replay(letter).dropped()).isEqualTo(2);
                }
                assertThat(buffer.deadLetters()).containsExactly(letter);
                assertThat(next(buffer)).containsExactly("3", "4");
                assertThat(buffer.replay(letter).dropped()).isEqualTo(0);
                assertThat(next(buffer)).containsExactly("1", "2");
                assertThat(buffer.ledger().balances()).isTrue();
            }
        }
    }

    /** The disk is full once the records of the letter are added, so the letter cannot go. */
    @Test
    void aLetterThatCouldNotBeForgottenIsStillAddedOnlyOnce() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        AtomicBoolean fills = new AtomicBoolean();
        AtomicReference<@Nullable RecordBuffer<String>> opened = new AtomicReference<>();
        RecordListener listener =
                new RecordListener() {
                    @Override
                    public void accepted(long count, long bytes) {
                        if (fills.getAndSet(false)) {
                            FullJournal.fill(Objects.requireNonNull(opened.get()), disk);
                        }
                    }
                };
        try (RecordBuffer<String> buffer = FullJournal.on(disk).listener(listener).open()) {
            opened.set(buffer);
            buffer.add("letter");
            buffer.flush();
            buffer.deadLetter(buffer.take(Duration.ZERO).orElseThrow(), "bad data");
            DeadLetter<String> letter = buffer.deadLetters().getFirst();
            fills.set(true);
            assertThatThrownBy(() -> buffer.replay(letter)).isInstanceOf(JournalException.class);
            assertThat(buffer.deadLetters()).containsExactly(letter);
            long accepted = buffer.ledger().accepted();
            disk.faults(Faults.NONE);
            Receipt receipt = buffer.replay(letter);
            assertThat(receipt.first()).as("what they were given the first time").isEqualTo(2);
            assertThat(buffer.deadLetters()).isEmpty();
            assertThat(buffer.ledger().accepted()).as("added twice").isEqualTo(accepted);
            assertThat(next(buffer)).containsExactly("letter");
        }
    }
}
