package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PeriodicTest {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final ManualClock clock = new ManualClock();
    private final AtomicInteger done = new AtomicInteger();

    @Test
    void itWorksAfterEachPauseUntilItIsClosed() throws InterruptedException {
        try (Periodic periodic = new Periodic("test", clock, PAUSE, _ -> done.incrementAndGet())) {
            for (int i = 0; i < 3; i++) {
                clock.awaitWaiters(1);
                assertThat(done).hasValue(i);
                clock.advance(PAUSE);
            }
            clock.awaitWaiters(1);
            periodic.close();
        }
        clock.advance(PAUSE);
        assertThat(done).hasValue(3);
        assertThat(clock.waiters()).isZero();
    }

    @Test
    void closingWaitsForTheWorkThatIsUnderWayAndDoesNotInterruptIt() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Periodic.Task work =
                _ -> {
                    begun.countDown();
                    end.await(); // An interrupt would end it and fail the test.
                    done.incrementAndGet();
                };
        Periodic periodic = new Periodic("test", clock, PAUSE, work);
        clock.awaitWaiters(1);
        clock.advance(PAUSE);
        begun.await();
        Thread closing = Thread.ofPlatform().start(periodic::close);
        while (closing.isAlive() && closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait(); // One of the two comes: it waits for the work, or has not waited.
        }
        boolean waits = closing.isAlive();
        end.countDown();
        closing.join();
        assertThat(waits).isTrue();
        assertThat(done).hasValue(1);
    }

    @Test
    void closingTellsTheRunThatIsUnderWay() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        Periodic periodic =
                new Periodic(
                        "test",
                        clock,
                        PAUSE,
                        closing -> {
                            assertThat(closing.getAsBoolean()).isFalse();
                            begun.countDown();
                            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
                            while (!closing.getAsBoolean() && System.nanoTime() - end < 0) {
                                Thread.onSpinWait();
                            }
                            assertThat(closing.getAsBoolean()).isTrue();
                            done.incrementAndGet();
                        });
        clock.awaitWaiters(1);
        clock.advance(PAUSE);
        begun.await();
        periodic.close();
        assertThat(periodic.fault()).isEmpty();
        assertThat(done).hasValue(1);
    }
}
