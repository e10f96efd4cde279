package dev.forebay.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Trigger;
import dev.forebay.record.outlet.Batch;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a release and a hand-over promise, whatever the trigger. */
class RecordBufferTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final ManualClock clock = new ManualClock();

    private RecordBuffer<Integer> open(Trigger<Integer> trigger) {
        return RecordBuffer.of(trigger).clock(clock).open();
    }

    static <T> List<T> next(RecordBuffer<T> buffer) throws InterruptedException {
        Optional<Batch<T>> batch = buffer.take(Duration.ZERO);
        batch.ifPresent(buffer::commit);
        return batch.map(Batch::records).orElse(List.of());
    }

    /** A batch that another thread is about to release. */
    static <T> Batch<T> awaited(RecordBuffer<T> buffer) throws InterruptedException {
        Optional<Batch<T>> batch = buffer.take(Duration.ZERO);
        while (batch.isEmpty()) {
            Thread.onSpinWait();
            batch = buffer.take(Duration.ZERO);
        }
        return batch.orElseThrow();
    }

    static List<Integer> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    @Test
    void fourAndFourAndThreeAtTenAreReleasedAsEleven() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.moreThan(10));
        buffer.addAll(numbers(1, 4));
        assertThat(next(buffer)).isEmpty();
        buffer.addAll(numbers(5, 8));
        assertThat(next(buffer)).isEmpty();
        buffer.addAll(numbers(9, 11));
        assertThat(next(buffer)).isEqualTo(numbers(1, 11));
        buffer.addAll(numbers(12, 19));
        buffer.addAll(numbers(20, 25));
        assertThat(next(buffer)).as("all of a transfer").isEqualTo(numbers(12, 25));
    }

    @Test
    void moreThanTenFedSinglyReleasesAtTheEleventhAndTheTwentySecond() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.moreThan(10));
        for (int i = 1; i <= 22; i++) {
            assertThat(buffer.add(i)).isEqualTo(i);
            assertThat(next(buffer)).isEqualTo(i == 11 || i == 22 ? numbers(i - 10, i) : List.of());
        }
        buffer.addAll(numbers(23, 32));
        assertThat(next(buffer)).as("ten are not more than ten").isEmpty();
        buffer.put(33);
        assertThat(next(buffer)).isEqualTo(numbers(23, 33));
    }

    @Test
    void flushActsNowAndTheFlagAtTheNextTransferOnly() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.moreThan(100));
        buffer.addAll(numbers(1, 6));
        buffer.releaseAtNextTransfer();
        assertThat(next(buffer)).isEmpty();
        buffer.addAll(numbers(7, 11));
        assertThat(next(buffer)).isEqualTo(numbers(1, 11));
        buffer.releaseAtNextTransfer();
        buffer.addAll(List.of());
        buffer.add(12);
        assertThat(next(buffer)).as("the flag is not left armed").isEmpty();
        assertThat(buffer.flush()).isEqualTo(1);
        assertThat(buffer.flush()).isEqualTo(0);
        assertThat(next(buffer)).containsExactly(12);
    }

    @Test
    void aReleaseIsDividedByTheCapsWithNothingLeftBehind() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(10))
                        .sizer(record -> record)
                        .maxBatchRecords(4)
                        .maxBatchBytes(15)
                        .open();
        buffer.addAll(numbers(1, 10));
        List<List<Integer>> batches = new ArrayList<>();
        for (List<Integer> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
            batches.add(b);
        }
        assertThat(batches)
                .containsExactly(
                        numbers(1, 4), numbers(5, 6), List.of(7, 8), List.of(9), List.of(10));
        assertThatThrownBy(() -> buffer.add(16)).hasMessageContaining("16 bytes exceeds");
        assertThat(buffer.ledger().balances()).isTrue();
    }

    @Test
    void onlyTheTakenBatchCanBeCommittedAndOnlyOnce() throws Exception {
        RecordBuffer<Integer> buffer = open(Trigger.atLeast(1));
        buffer.add(1);
        buffer.add(2);
        Batch<Integer> first = buffer.take(Duration.ZERO).orElseThrow();
        assertThat(buffer.take(Duration.ZERO)).as("one batch at a time").isEmpty();
        buffer.fail(first, "not now");
        Batch<Integer> again = buffer.take(Duration.ZERO).orElseThrow();
        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.redeliveries()).isEqualTo(1);
        buffer.commit(again);
        assertThatThrownBy(() -> buffer.commit(again)).isInstanceOf(RecordException.class);
        assertThat(next(buffer)).containsExactly(2);
    }

    @Test
    void batchThatIsNotCommittedIsStuckAfterTheGivenTime() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(1)).clock(clock).stuckAfter(MINUTE).open();
        buffer.add(1);
        Batch<Integer> batch = buffer.take(Duration.ZERO).orElseThrow();
        clock.advance(MINUTE);
        assertThat(buffer.gauges().stuck()).isFalse();
        clock.advance(Duration.ofNanos(1));
        assertThat(buffer.gauges().stuck()).isTrue();
        assertThat(buffer.gauges().oldestRelease()).isEqualTo(MINUTE.plusNanos(1));
        buffer.commit(batch);
        assertThat(buffer.gauges().stuck()).isFalse();
    }

    @Test
    void laterChangesOfTheBuilderDoNotReachAnOpenBuffer() {
        RecordBufferBuilder<Integer> builder = RecordBuffer.of(Trigger.atLeast(2));
        RecordBuffer<Integer> buffer = builder.whenFull(WhenFull.dropNewest()).capacity(2).open();
        builder.whenFull(WhenFull.reject());
        buffer.addAll(numbers(1, 2));
        assertThat(buffer.add(3)).isEqualTo(0);
    }

    @Test
    void aListenerThatThrowsCostsNoRecord() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.atLeast(2))
                        .listener(
                                new RecordListener() {
                                    @Override
                                    public void released(Facts batch) {
                                        throw new IllegalStateException("bad listener");
                                    }
                                })
                        .open();
        buffer.addAll(numbers(1, 2));
        assertThat(next(buffer)).isEqualTo(numbers(1, 2));
        assertThat(buffer.gauges().listenerFailures()).isEqualTo(1);
    }

    @Test
    void manyThreadsLoseNothingAndDoubleNothing() throws Exception {
        RecordBuffer<Integer> buffer =
                RecordBuffer.<Integer>of(Trigger.anyOf(Trigger.moreThan(7), Trigger.age(MINUTE)))
                        .open();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int base = t * 20_000;
            threads.add(
                    Thread.ofPlatform()
                            .start(() -> numbers(base + 1, base + 20_000).forEach(buffer::add)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        buffer.flush();
        List<Integer> all = new ArrayList<>();
        for (List<Integer> b = next(buffer); !b.isEmpty(); b = next(buffer)) {
            all.addAll(b);
        }
        assertThat(all).hasSize(80_000).doesNotHaveDuplicates();
        assertThat(buffer.ledger().balances()).isTrue();
        buffer.close();
    }
}
