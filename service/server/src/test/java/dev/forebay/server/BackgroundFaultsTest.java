package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Disk;
import dev.forebay.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interrupt, an exception and an error in each background thread of a server. */
class BackgroundFaultsTest {
    private static final Duration PAUSE = Duration.ofSeconds(2);

    /** What happens in a run. */
    enum Event {
        INTERRUPT,
        RUNTIME_EXCEPTION,
        OUT_OF_MEMORY;

        void happen() {
            switch (this) {
                case INTERRUPT -> Thread.currentThread().interrupt();
                case RUNTIME_EXCEPTION -> throw new IllegalStateException("of the test");
                case OUT_OF_MEMORY -> throw new OutOfMemoryError("of the test");
            }
        }
    }

    @TempDir Path directory;
    private final ManualClock clock = new ManualClock();

    private void pass(int waiters) throws InterruptedException {
        clock.awaitWaiters(waiters);
        clock.advance(PAUSE);
        clock.awaitWaiters(waiters);
    }

    @ParameterizedTest
    @EnumSource(Event.class)
    void periodicTaskRunsAgainAfterwardsAndCloses(Event event) throws InterruptedException {
        AtomicReference<@Nullable Event> next = new AtomicReference<>();
        AtomicInteger runs = new AtomicInteger();
        Periodic periodic =
                new Periodic(
                        "test",
                        clock,
                        PAUSE,
                        _ -> {
                            runs.incrementAndGet();
                            Event now = next.getAndSet(null);
                            if (now != null) {
                                now.happen();
                            }
                        });
        next.set(event);
        pass(1);
        assertThat(runs).hasValue(1);
        assertThat(periodic.fault().isPresent()).isEqualTo(event != Event.INTERRUPT);
        pass(1);
        assertThat(runs).hasValue(2);
        assertThat(periodic.fault()).isEmpty();
        periodic.close();
        assertThat(clock.waiters()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Event.class)
    void probeThatFailsMakesTheServerUnhealthyUntilOneSucceeds(Event event) throws Exception {
        AtomicReference<@Nullable Event> next = new AtomicReference<>();
        Disk disk =
                WatchedDisk.with((call, _) -> {
                    Event now = call.equals("open") ? next.getAndSet(null) : null;
                    if (now != null) {
                        now.happen();
                    }
                    return true;
                });
        try (Health health = new Health(disk, clock, directory, Optional::empty)) {
            assertThat(health.fault()).isEmpty();
            next.set(event);
            pass(1);
            if (event == Event.INTERRUPT) {
                assertThat(health.fault()).isEmpty();
            } else {
                assertThat(health.fault().orElseThrow()).contains("of the test");
            }
            pass(1);
            assertThat(health.fault()).isEmpty();
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void sweepThatFailsMakesTheServerUnhealthy() throws IOException {
        try (Health health =
                new Health(
                        Disk.system(),
                        clock,
                        directory,
                        () -> Optional.of("expired buffers are not ended: of the test"))) {
            assertThat(health.fault().orElseThrow()).contains("expired buffers are not ended");
        }
    }
}
