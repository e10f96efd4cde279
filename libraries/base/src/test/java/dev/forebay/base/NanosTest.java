package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Waits that are longer than any. */
class NanosTest {
    private static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    @Test
    void whatALongHasNoRoomForIsTheLongestThereIs() {
        assertThat(Nanos.of(Duration.ofNanos(Long.MAX_VALUE - 1))).isEqualTo(Long.MAX_VALUE - 1);
        assertThat(Nanos.of(Duration.ofNanos(Long.MAX_VALUE))).isEqualTo(Long.MAX_VALUE);
        assertThat(Nanos.of(Duration.ofNanos(Long.MAX_VALUE).plusNanos(1)))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(Nanos.of(FOREVER)).isEqualTo(Long.MAX_VALUE);
        assertThat(Nanos.of(Duration.ZERO)).isZero();
        assertThat(Nanos.of(FOREVER.negated())).isZero();
    }

    @Test
    void aDeadlineForEverIsAheadWhereverTheReadingWrapsRound() {
        HeldClock clock = new HeldClock();
        long forEver = clock.deadline(FOREVER);
        long over = clock.deadline(Duration.ofDays(-1_000_000));
        for (int years = 0; years < 200; years++) {
            assertThat(forEver - clock.nanos()).isPositive();
            assertThat(over - clock.nanos()).isNotPositive();
            clock.advance(Duration.ofDays(365));
        }
    }

    @Test
    void whatIsToBeReleasedInAnAgeForEverIsHeld() {
        for (Trigger<String> trigger :
                List.of(
                        Trigger.<String>age(FOREVER),
                        Trigger.<String>idle(FOREVER),
                        Trigger.<String>every(FOREVER))) {
            HeldClock clock = new HeldClock();
            TriggerWatch<String> watch = new TriggerWatch<>(trigger, clock);
            assertThat(watch.added(1, watch.readingForNext())).isFalse();
            clock.advance(Duration.ofDays(365 * 200));
            assertThat(watch.fires()).isFalse();
            assertThat(watch.dueIn()).isPositive();
        }
    }
}
