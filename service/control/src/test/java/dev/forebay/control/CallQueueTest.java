package dev.forebay.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No fault of a call, of a caller or of a thread leaves a caller waiting. */
class CallQueueTest {
    private final AtomicInteger closes = new AtomicInteger();

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    private CallQueue queue(int threads) {
        return new CallQueue("calls", threads, Worker::platform, closes::incrementAndGet);
    }

    @Test
    void whateverACallThrowsReachesItsCallerAndTheThreadGoesOn() {
        try (CallQueue queue = queue(1)) {
            for (Throwable thrown :
                    List.of(
                            new IllegalStateException("one"),
                            new OutOfMemoryError("two"),
                            new StackOverflowError("three"))) {
                assertThatThrownBy(() ->
                                queue.call(() -> {
                                    if (thrown instanceof Error e) {
                                        throw e;
                                    }
                                    throw (RuntimeException) thrown;
                                }))
                        .isSameAs(thrown);
                assertThat(queue.call(() -> 7)).isEqualTo(7);
            }
        }
        assertThat(closes).hasValue(1);
    }

    @Test
    void anInterruptedCallerGetsItsResultAndKeepsItsStatus() {
        try (CallQueue queue = queue(2)) {
            Thread.currentThread().interrupt();
            assertThat(queue.call(() -> Thread.currentThread().isInterrupted())).isFalse();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void aCallThatInterruptsItsThreadDoesNotReachTheNext() {
        try (CallQueue queue = queue(1)) {
            queue.call(() -> {
                Thread.currentThread().interrupt();
                return 1;
            });
            assertThat(queue.call(() -> Thread.currentThread().isInterrupted())).isFalse();
        }
    }

    @Test
    void aThreadThatEndsFailsWaitingCallsAndRefusesLaterOnes() throws Exception {
        CountDownLatch die = new CountDownLatch(1);
        CountDownLatch died = new CountDownLatch(1);
        OutOfMemoryError cause = new OutOfMemoryError("for the test");
        CallQueue queue =
                new CallQueue(
                        "calls",
                        1,
                        (name, task, owner) ->
                                Worker.platform(
                                        name,
                                        () -> {
                                            die.await();
                                            throw cause;
                                        },
                                        e -> {
                                            owner.accept(e);
                                            died.countDown();
                                        }),
                        closes::incrementAndGet);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> waiting = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                waiting.add(callers.submit(() -> queue.call(() -> 1)));
            }
            die.countDown();
            died.await();
            for (Future<Integer> each : waiting) {
                assertThatThrownBy(each::get)
                        .hasCauseInstanceOf(ControlException.class)
                        .hasRootCause(cause);
            }
        }
        assertThatThrownBy(() -> queue.call(() -> 1))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("restart the server")
                .hasCause(cause);
        queue.close();
    }

    @Test
    void closingMakesTheCallsThatWaitAndRefusesLaterOnes() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CallQueue queue = queue(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> first =
                    threads.submit(() ->
                            queue.call(() -> {
                                begun.countDown();
                                goOn.await();
                                return 1;
                            }));
            begun.await();
            Future<?> closing =
                    threads.submit(() -> {
                        Thread.currentThread().interrupt();
                        queue.close();
                    });
            goOn.countDown();
            assertThat(first.get()).isEqualTo(1);
            closing.get();
        }
        queue.close();
        assertThat(closes).hasValue(1);
        assertThatThrownBy(() -> queue.call(() -> 1))
                .isInstanceOf(ControlException.class)
                .hasMessageContaining("was closed");
    }

    @Test
    void connectionsThatCannotBeClosedAreToldOnce() {
        Error thrown = new OutOfMemoryError("for the test");
        CallQueue queue =
                new CallQueue(
                        "calls",
                        3,
                        Worker::platform,
                        () -> {
                            throw thrown;
                        });
        assertThatThrownBy(queue::close).isSameAs(thrown);
        queue.close();
    }

    @Test
    void aQueueWhoseThreadsCannotBeStartedClosesItsConnections() {
        AtomicInteger started = new AtomicInteger();
        OutOfMemoryError thrown = new OutOfMemoryError("no more threads");
        assertThatThrownBy(() ->
                        new CallQueue(
                                "calls",
                                3,
                                (name, task, owner) -> {
                                    if (started.incrementAndGet() == 2) {
                                        throw thrown;
                                    }
                                    return Worker.platform(name, task, owner);
                                },
                                closes::incrementAndGet))
                .isSameAs(thrown);
        assertThat(closes).hasValue(1);
    }
}
