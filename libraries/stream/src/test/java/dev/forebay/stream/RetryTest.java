package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.blob.ContainerException;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.blob.testing.MemoryContainer;
import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RetryTest {
    private static final Duration BUDGET = Duration.ofSeconds(10);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ManualClock clock = new ManualClock();
    private final Retry retry = new Retry(clock, TransferListener.SILENT);
    private final AtomicInteger tries = new AtomicInteger();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** Fails so many times, asking for a pause, and then answers. */
    private Future<String> call(int failures, Duration asked) {
        return threads.submit(() ->
                retry.call(
                        BUDGET,
                        () -> {
                            if (tries.getAndIncrement() < failures) {
                                throw new ContainerException(
                                        Fault.THROTTLED, "too much", null, asked);
                            }
                            return "done";
                        }));
    }

    @Test
    void thePauseIsAtLeastWhatTheOtherSideAskedFor() throws Exception {
        Future<String> answer = call(1, Duration.ofSeconds(7));
        clock.awaitWaiters(1);
        clock.advance(Duration.ofSeconds(7).minusNanos(1));
        clock.awaitWaiters(1);
        assertThat(tries).hasValue(1);
        clock.advance(Duration.ofNanos(1));
        assertThat(answer.get()).isEqualTo("done");
        assertThat(retry.counted().byFault()).isEqualTo(Map.of(Fault.THROTTLED, 1L));
    }

    @Test
    void nothingThatIsAskedForLastsLongerThanTheBudget() {
        Future<String> answer = call(2, Duration.ofHours(1));
        assertThatThrownBy(
                        () -> {
                            clock.awaitWaiters(1);
                            clock.advance(BUDGET);
                            answer.get();
                        })
                .hasCauseInstanceOf(ContainerException.class)
                .hasMessageContaining("too much; gave up after 2 tries in 10 s");
    }

    @Test
    void whoMayTryForEverTriesAgain() throws Exception {
        AtomicInteger failures = new AtomicInteger();
        Future<String> answer =
                threads.submit(() ->
                        retry.call(
                                ChronoUnit.FOREVER.getDuration(),
                                () -> {
                                    if (failures.getAndIncrement() < 3) {
                                        throw new ContainerException(Fault.THROTTLED, "too much");
                                    }
                                    return "done";
                                }));
        for (int i = 0; i < 3; i++) {
            clock.awaitWaiters(1);
            clock.advance(Duration.ofDays(365));
        }
        assertThat(answer.get()).isEqualTo("done");
    }

    @Test
    void aBlockMayBeHeldForEver() {
        WriteOptions patient = Streams.WRITE.withFlushInterval(ChronoUnit.FOREVER.getDuration());
        MemoryContainer container = new MemoryContainer();
        new BufferWriter(container, patient).write(Streams.channel(Streams.BYTES));
        assertThat(Streams.read(container)).isEqualTo(Streams.BYTES);
    }

    @Test
    void aCancelledRetryPausesNoMore() throws Exception {
        Future<String> answer = call(1, Duration.ofSeconds(7));
        clock.awaitWaiters(1);
        retry.cancel();
        assertThatThrownBy(answer::get).hasCauseInstanceOf(TransferInterruptedException.class);
    }
}
