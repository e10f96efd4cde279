package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkerTest {
    private final BlockingQueue<Throwable> told = new LinkedBlockingQueue<>();

    static Stream<Throwable> failures() {
        return Stream.of(
                new IOException("io"),
                new IllegalStateException("unchecked"),
                new InterruptedException("interrupt"),
                new OutOfMemoryError("memory"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failureIsToldToTheOwnerOnceBeforeTheThreadEnds(Throwable failure) {
        Worker.Task task =
                () -> {
                    switch (failure) {
                        case Exception e -> throw e;
                        case Error e -> throw e;
                        default -> throw new AssertionError(failure);
                    }
                };
        assertToldOnce(Worker.platform("test", task, told::add), failure);
        assertToldOnce(Worker.virtual("test", task, told::add), failure);
    }

    private void assertToldOnce(Worker worker, Throwable failure) {
        worker.join();
        assertThat(told).containsExactly(failure);
        assertThat(worker.isAlive()).isFalse();
        told.clear();
    }

    @Test
    void endOfTheTaskIsNoFailure() {
        Worker.platform("test", () -> {}, told::add).join();
        assertThat(told).isEmpty();
    }

    @Test
    void joinOnInterruptedThreadWaitsAndKeepsTheStatus() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        Worker worker = Worker.virtual("test", release::await, told::add);
        BlockingQueue<Boolean> joined = new LinkedBlockingQueue<>();
        Thread joiner =
                Thread.ofPlatform()
                        .start(() -> {
                            Thread.currentThread().interrupt();
                            worker.join();
                            joined.add(Thread.currentThread().isInterrupted());
                            joined.add(worker.isAlive());
                        });
        assertThat(joiner.join(Duration.ofMillis(20))).isFalse();
        release.countDown();
        assertThat(joined.poll(60, TimeUnit.SECONDS)).isTrue();
        assertThat(joined.poll(60, TimeUnit.SECONDS)).isFalse();
        joiner.join();
    }

    @Test
    void workerDoesNotWaitForItself() throws Exception {
        LinkedBlockingQueue<Worker> self = new LinkedBlockingQueue<>();
        Worker worker = Worker.platform("test", () -> self.take().join(), told::add);
        self.add(worker);
        worker.join();
        assertThat(told).isEmpty();
    }
}
