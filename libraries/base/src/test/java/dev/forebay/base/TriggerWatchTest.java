package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One trigger at work, on a clock whose reading wraps round in every test that moves it. */
class TriggerWatchTest {
    private final HeldClock clock = new HeldClock();

    private static Duration seconds(long n) {
        return Duration.ofSeconds(n);
    }

    private TriggerWatch<String> watch(Trigger<String> trigger) {
        return new TriggerWatch<>(trigger, clock);
    }

    /** Adds a record of a byte for each character; true if that released. */
    private boolean add(TriggerWatch<String> watch, String record) {
        return watch.added(record.length(), watch.readingForNext());
    }

    @Test
    void moreThanTwoIsTheThirdAndAtLeastTwoTheSecond() {
        TriggerWatch<String> more = watch(Trigger.moreThan(2));
        assertThat(List.of(add(more, "a"), add(more, "b"), add(more, "c")))
                .containsExactly(false, false, true);
        TriggerWatch<String> least = watch(Trigger.atLeast(2));
        assertThat(List.of(add(least, "a"), add(least, "b"))).containsExactly(false, true);
        assertThat(least.decided()).isEqualTo(TriggerWatch.Kind.COUNT);
    }

    @Test
    void bytesFireWhenReached() {
        TriggerWatch<String> watch = watch(Trigger.bytes(5));
        assertThat(List.of(add(watch, "1234"), add(watch, "5"))).containsExactly(false, true);
        assertThat(watch.decided()).isEqualTo(TriggerWatch.Kind.BYTES);
        assertThat(watch.bytes()).isEqualTo(5);
    }

    @Test
    void anAgeIsRightWhileTheReadingWrapsRound() {
        TriggerWatch<String> watch = watch(Trigger.age(seconds(10)));
        add(watch, "a");
        assertThat(watch.dueIn()).isEqualTo(seconds(10).toNanos());
        clock.advance(seconds(9));
        assertThat(watch.dueIn()).isEqualTo(seconds(1).toNanos());
    }

    @Test
    void anAgeCountsFromTheFirstRecordAndIsNeverEarly() {
        TriggerWatch<String> watch = watch(Trigger.anyOf(Trigger.age(seconds(10))));
        clock.advance(seconds(100));
        assertThat(watch.dueIn()).isEqualTo(TriggerWatch.NEVER);
        assertThat(watch.fires()).isFalse();
        add(watch, "a");
        clock.advance(seconds(9));
        add(watch, "b");
        assertThat(watch.dueIn()).isEqualTo(seconds(1).toNanos());
        clock.advance(seconds(1).minusNanos(1));
        assertThat(watch.fires()).isFalse();
        clock.advance(Duration.ofNanos(1));
        assertThat(watch.fires()).isTrue();
        assertThat(watch.decided()).isEqualTo(TriggerWatch.Kind.TIME);
        assertThat(watch.ageOfFirst()).isEqualTo(seconds(10));
    }

    @Test
    void idlenessCountsFromTheLastRecord() {
        TriggerWatch<String> watch = watch(Trigger.idle(seconds(10)));
        add(watch, "a");
        clock.advance(seconds(9));
        add(watch, "b");
        clock.advance(seconds(9));
        assertThat(watch.fires()).isFalse();
        assertThat(watch.ageOfLast()).isEqualTo(seconds(9));
        clock.advance(seconds(1));
        assertThat(watch.fires()).isTrue();
    }

    @Test
    void everyCountsFromTheLastRelease() {
        TriggerWatch<String> watch = watch(Trigger.every(seconds(10)));
        clock.advance(seconds(9));
        add(watch, "a");
        assertThat(watch.dueIn()).isEqualTo(seconds(1).toNanos());
        clock.advance(seconds(1));
        assertThat(watch.fires()).isTrue();
        watch.released();
        assertThat(add(watch, "b")).isFalse();
        assertThat(watch.dueIn()).isEqualTo(seconds(10).toNanos());
        assertThat(watch.sinceRelease()).isEqualTo(Duration.ZERO);
    }

    @Test
    void conditionsAreAskedCustomCountBytesTimeWhateverTheirOrder() {
        Trigger<String> all =
                Trigger.anyOf(
                        Trigger.age(seconds(1)),
                        Trigger.bytes(1),
                        Trigger.atLeast(1),
                        Trigger.matching(record -> true));
        TriggerWatch<String> watch = new TriggerWatch<>(all, clock, _ -> true);
        assertThat(add(watch, "a")).isTrue();
        assertThat(watch.decided()).isEqualTo(TriggerWatch.Kind.CUSTOM);
        TriggerWatch<String> plain = watch(Trigger.anyOf(Trigger.bytes(1), Trigger.atLeast(1)));
        assertThat(add(plain, "a")).isTrue();
        assertThat(plain.decided()).isEqualTo(TriggerWatch.Kind.COUNT);
    }

    @Test
    void allOfWaitsForTheLast() {
        TriggerWatch<String> watch =
                watch(Trigger.allOf(Trigger.age(seconds(5)), Trigger.atLeast(2)));
        assertThat(add(watch, "a")).isFalse();
        clock.advance(seconds(10));
        assertThat(watch.fires()).isFalse();
        assertThat(watch.dueIn())
                .as("time alone does not bring a record")
                .isEqualTo(Long.MAX_VALUE);
        assertThat(add(watch, "b")).isTrue();
    }

    @Test
    void agesResumeAfterAReopening() {
        TriggerWatch<String> watch = watch(Trigger.age(seconds(10)));
        watch.resume(2, 2, seconds(7), seconds(1));
        assertThat(watch.dueIn()).isEqualTo(seconds(3).toNanos());
        assertThat(watch.count()).isEqualTo(2);
        assertThat(watch.ageOfLast()).isEqualTo(seconds(1));
    }

    @Test
    void whatWasDroppedCountsNoMore() {
        TriggerWatch<String> watch = watch(Trigger.anyOf(Trigger.atLeast(3), Trigger.bytes(100)));
        add(watch, "ab");
        add(watch, "c");
        watch.dropped(1, 2);
        assertThat(watch.count()).isEqualTo(1);
        assertThat(watch.bytes()).isEqualTo(1);
        assertThat(List.of(add(watch, "d"), add(watch, "e"))).containsExactly(false, true);
    }

    @Test
    void triggerThatAsksAboutRecordsIsRefusedWhereNoneAreKept() {
        for (Trigger<String> asks :
                List.<Trigger<String>>of(
                        Trigger.matching(_ -> true),
                        Trigger.allOf(Trigger.atLeast(1), Trigger.matchingHeld(_ -> true)))) {
            assertThatThrownBy(() -> watch(asks))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("use counts, bytes and times");
        }
    }
}
