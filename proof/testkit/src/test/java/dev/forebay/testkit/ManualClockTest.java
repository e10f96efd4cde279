package dev.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ManualClockTest {
    private final ManualClock clock = new ManualClock(Instant.EPOCH);

    @Test
    void aSleeperWakesWhenItsTimeHasComeAndNotBefore() throws Exception {
        CompletableFuture<Long> woke = sleepInBackground(Duration.ofSeconds(10));
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(9));
        clock.awaitWaiters(1);
        assertThat(woke).isNotDone();
        clock.advance(Duration.ofSeconds(1));
        assertThat(woke.get(60, TimeUnit.SECONDS)).isEqualTo(TimeUnit.SECONDS.toNanos(10));
    }

    @Test
    void noWakeUpIsLostHoweverTheThreadsMeet() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            CompletableFuture<Long> woke = sleepInBackground(Duration.ofNanos(1));
            clock.advance(Duration.ofNanos(2));
            while (!woke.isDone()) {
                clock.advance(
                        Duration.ofNanos(
                                2)); // It may have begun to sleep only after the first step.
            }
        }
    }

    @Test
    void aStepOfTheWallClockWakesNobody() throws Exception {
        CompletableFuture<Long> woke = sleepInBackground(Duration.ofSeconds(1));
        clock.awaitWaiters(1);
        clock.stepWall(Duration.ofHours(1));
        assertThat(clock.wall()).isEqualTo(Instant.EPOCH.plus(Duration.ofHours(1)));
        assertThat(clock.nanos()).isZero();
        assertThat(woke).isNotDone();
        clock.advance(Duration.ofSeconds(1));
        woke.get(60, TimeUnit.SECONDS);
    }

    private CompletableFuture<Long> sleepInBackground(Duration duration) {
        CompletableFuture<Long> woke = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                clock.sleep(duration);
                woke.complete(clock.nanos());
            } catch (InterruptedException e) {
                woke.completeExceptionally(e);
            }
        });
        return woke;
    }
}
