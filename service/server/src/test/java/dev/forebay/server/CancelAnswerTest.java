package dev.forebay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a cancel is answered, and with which state. */
class CancelAnswerTest {
    private static final Duration GUARD = Duration.ofMinutes(2);

    /** Ends a run that is canceled when the test says so. */
    private static final class Slow extends WaitingExecutor {
        final CountDownLatch asked = new CountDownLatch(1);

        @Override
        public void cancel(long run, String reason) {
            asked.countDown();
        }

        void end() {
            super.cancel(1, "Canceled by user");
        }
    }

    private final Slow executor = new Slow();

    @TempDir private Path directory;
    private Rest rest;
    private ExecutorService threads;

    @BeforeEach
    void start() throws Exception {
        rest =
                new Rest(
                        directory.resolve("data"),
                        new RunConfig(Optional.of((_, _) -> executor), Duration.ZERO));
        rest.json(
                201,
                "POST",
                "/runs",
                "{\"job\":{\"codespec\":{\"kind\":\"job\",\"image\":\"i\"}}}");
        threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    @AfterEach
    void stop() throws Exception {
        rest.close();
        threads.close();
    }

    private Future<String> cancel() throws InterruptedException {
        Future<String> answer =
                threads.submit(() ->
                        rest.json(202, "POST", "/runs/1/cancel", "").get("status").stringValue());
        assertThat(executor.asked.await(GUARD.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return answer;
    }

    @Test
    void cancelIsAnsweredWithTheEndOfTheRun() throws Exception {
        Future<String> answer = cancel();
        assertThat(rest.get("/runs/1").get("status").stringValue()).isEqualTo("Canceling");
        executor.end();
        assertThat(answer.get(GUARD.toSeconds(), TimeUnit.SECONDS)).isEqualTo("Canceled");
    }

    @Test
    void cancelOfARunThatDoesNotEndIsAnsweredAfterAWhile() throws Exception {
        Future<String> answer = cancel();
        long end = System.nanoTime() + GUARD.toNanos();
        String status = "";
        while (status.isEmpty() && System.nanoTime() - end < 0) {
            rest.clock.advance(Duration.ofSeconds(1));
            try {
                status = answer.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // Time passes for the server only if it is moved on.
            }
        }
        assertThat(status).isEqualTo("Canceling");
    }
}
