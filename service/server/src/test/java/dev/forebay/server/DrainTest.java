package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that stops while programs run. */
class DrainTest {
    private static final Duration GUARD = Duration.ofSeconds(90);
    private static final Duration DRAIN = Duration.ofMinutes(7);

    @TempDir Path directory;

    private static final class Draining extends WaitingExecutor {
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch mayEnd = new CountDownLatch(1);
        private volatile Duration asked = Duration.ZERO;
        private volatile boolean closed;

        @Override
        public void drain(Duration patience) throws InterruptedException {
            asked = patience;
            begun.countDown();
            assertThat(mayEnd.await(GUARD.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    @Test
    void stoppingServerWaitsForProgramsAndServesMeanwhile() throws Exception {
        Draining executor = new Draining();
        Rest rest =
                new Rest(
                        directory.resolve("data"),
                        new RunConfig(Optional.of((_, _) -> executor), DRAIN));
        String run = "{\"job\":{\"codespec\":{\"kind\":\"job\",\"image\":\"i\"}}}";
        rest.json(201, "POST", "/runs", run);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> close =
                    threads.submit(() -> {
                        rest.close();
                        return true;
                    });
            try {
                assertThat(executor.begun.await(GUARD.toSeconds(), TimeUnit.SECONDS)).isTrue();
                assertThatCode(() -> rest.json(202, "POST", "/runs/1/cancel", ""))
                        .as("a request while the server waits")
                        .doesNotThrowAnyException();
                assertThat(close.isDone()).isFalse();
                assertThat(executor.closed).isFalse();
            } finally {
                executor.mayEnd.countDown();
            }
            assertThat(close).succeedsWithin(GUARD);
        }
        assertThat(executor.asked).isEqualTo(DRAIN);
        assertThat(executor.closed).isTrue();
    }
}
