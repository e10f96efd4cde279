package dev.forebay.datalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Durability;
import dev.forebay.testkit.SimulatedDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that follows the log gets each entry once, whatever happens to pages meanwhile. */
class TailTest {
    private static final DownloadFilter ALL = DownloadFilter.all(TimeRange.ALL);

    private final SimulatedDisk disk = new SimulatedDisk();

    /** Follows a log, {@code atATime} entries a call, from the text of the last position. */
    private static final class Tail {
        private final int atATime;
        private String position;
        private final List<String> got = new ArrayList<>();

        Tail(TailPosition from, int atATime) {
            position = from.toString();
            this.atATime = atATime;
        }

        /** Whether there may be more. */
        boolean read(DataLog log) {
            int before = got.size();
            position =
                    log.follow(
                                    TailPosition.parse(position),
                                    ALL,
                                    (_, _, payload) -> {
                                        got.add(Messages.string(payload));
                                        return got.size() - before < atATime;
                                    })
                            .toString();
            return got.size() - before == atATime;
        }

        List<String> readAll(DataLog log) {
            while (read(log)) {
                assertThat(got).as("entries that came").hasSizeLessThan(1000);
            }
            return got;
        }
    }

    private static void blobs(DataLog log, int from, int to) {
        for (int i = from; i < to; i++) {
            Entry entry = Messages.blob("channel " + i % 3, i, "blob " + i);
            assertThat(log.record(List.of(entry), Durability.WRITTEN).refusals()).isEmpty();
        }
    }

    private static List<String> names(int from, int to) {
        List<String> names = new ArrayList<>();
        for (int i = from; i < to; i++) {
            names.add("blob " + i);
        }
        return names;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 10_000})
    void eachEntryComesOnceAcrossPagesAndRestarts(int atATime) {
        Tail fromStart = new Tail(TailPosition.START, atATime);
        Tail fromEnd;
        try (DataLog log = Logs.open(disk)) {
            blobs(log, 0, 500); // Several pages.
            fromEnd = new Tail(log.end(), atATime);
            assertThat(fromEnd.readAll(log)).isEmpty();
            blobs(log, 500, 510);
            fromStart.read(log);
            fromEnd.read(log);
            assertThat(fromEnd.got).hasSize(Math.min(atATime, 10));
            blobs(log, 510, 520);
        }
        try (DataLog log = Logs.open(disk)) {
            assertThat(fromEnd.readAll(log)).isEqualTo(names(500, 520));
            blobs(log, 520, 900);
            assertThat(fromEnd.readAll(log)).isEqualTo(names(500, 900));
            assertThat(fromStart.readAll(log)).isEqualTo(names(0, 900));
        }
    }

    @Test
    void filterAndRangeLeaveOutWhatDoesNotFit() {
        try (DataLog log = Logs.open(disk)) {
            blobs(log, 0, 9);
            log.record(
                    List.of(
                            Messages.comment("hot", 4),
                            Messages.event("low", 5, 5, 1, false),
                            Messages.event("high", 6, 6, 3, false)),
                    Durability.WRITTEN);
            List<String> got = new ArrayList<>();
            DownloadFilter channel =
                    new DownloadFilter(
                            new TimeRange(2, 100),
                            Set.of(),
                            Set.of("channel 1"),
                            Set.of(),
                            Set.of(),
                            OptionalInt.of(3),
                            Set.of());
            TailPosition end =
                    log.follow(
                            TailPosition.START,
                            channel,
                            (key, nanos, payload) -> got.add(key.kind() + " " + nanos));
            assertThat(got).containsExactlyInAnyOrder("BLOB 4", "BLOB 7");
            DownloadFilter level =
                    new DownloadFilter(
                            TimeRange.ALL,
                            Set.of(),
                            Set.of(),
                            Set.of(),
                            Set.of(),
                            OptionalInt.of(3),
                            Set.of());
            got.clear();
            log.follow(
                    TailPosition.START,
                    level,
                    (key, nanos, payload) -> got.add(key.kind() + " " + nanos));
            assertThat(got).containsExactly("EVENT 6");
            log.follow(end, level, (_, _, _) -> got.add("more"));
            assertThat(got).hasSize(1);
        }
    }

    @Test
    void pagesThatGoAreLeftOutAndTheRestComes() {
        try (DataLog log = Logs.open(disk)) {
            blobs(log, 0, 500);
            Tail tail = new Tail(TailPosition.START, 5);
            tail.read(log);
            log.delete(Optional.of(TimeRange.ALL), List.of());
            blobs(log, 500, 510);
            List<String> expected = names(0, 5);
            expected.addAll(names(500, 510));
            assertThat(tail.readAll(log)).isEqualTo(expected);
        }
    }

    @Test
    void positionThatIsNoneIsRefused() {
        for (String text : List.of("", "x", "1,", "1:2", "1,2:3,", "9".repeat(19), "1,2:--3")) {
            assertThatThrownBy(() -> TailPosition.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a position");
        }
        try (DataLog log = Logs.open(disk)) {
            assertThatThrownBy(() -> log.follow(TailPosition.parse("7"), ALL, (_, _, _) -> true))
                    .isInstanceOfSatisfying(
                            DataLogException.class,
                            e -> assertThat(e.fault()).isEqualTo(DataLogException.Fault.INVALID));
        }
    }

    @Test
    void nothingIsMissedOrDoubledWhileManyRecord() throws Exception {
        int writers = 4;
        int each = 200;
        try (DataLog log = DataLog.open(disk, Clock.system(), Logs.FOLDER, Logs.SMALL);
                ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<?>> done = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                int first = writer * each;
                done.add(threads.submit(() -> blobs(log, first, first + each)));
            }
            Tail tail = new Tail(TailPosition.START, 3);
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (!done.stream().allMatch(Future::isDone)) {
                tail.read(log);
                assertThat(System.nanoTime() - deadline).as("the writers end").isNegative();
            }
            for (Future<?> one : done) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(tail.readAll(log))
                    .containsExactlyInAnyOrderElementsOf(names(0, writers * each));
        }
    }
}
