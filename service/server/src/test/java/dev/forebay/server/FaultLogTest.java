package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FaultLogTest {
    private final ManualClock clock = new ManualClock();
    private final FaultLog log = new FaultLog(clock);

    @Test
    void stateBeginsOnceAndAgainAfterQuiet() {
        assertThat(log.begins("full")).isTrue();
        for (int i = 0; i < 100; i++) {
            clock.advance(Duration.ofSeconds(30)); // It goes on, longer than the quiet time.
            assertThat(log.begins("full")).isFalse();
        }
        assertThat(log.begins("damaged")).isTrue();
        clock.advance(FaultLog.QUIET.plusNanos(1));
        assertThat(log.begins("full")).isTrue();
    }

    @Test
    void statesAreBoundedInNumber() {
        for (int i = 0; i < 5000; i++) {
            assertThat(log.begins("state " + i)).isTrue();
        }
        assertThat(log.begins("state 4999")).isFalse();
    }
}
