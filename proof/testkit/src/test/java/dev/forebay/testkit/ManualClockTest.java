package dev.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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

    @Test
    void aWaiterWhoseTimeHasComeCountsNoMoreThoughItsThreadHasNotNoticed() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        Condition condition = lock.newCondition();
        Thread sleeper =
                Thread.startVirtualThread(() -> {
                    lock.lock();
                    try {
                        while (clock.nanos() < 10) {
                            clock.await(lock, condition, 10);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        lock.unlock();
                    }
                });
        clock.awaitWaiters(1);
        lock.lock(); // The sleeper cannot return from its wait while this thread has its lock.
        try {
            clock.advance(Duration.ofNanos(10));
            assertThat(clock.waiters()).isZero();
        } finally {
            lock.unlock();
        }
        assertThat(sleeper.join(Duration.ofMinutes(1))).isTrue();
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
