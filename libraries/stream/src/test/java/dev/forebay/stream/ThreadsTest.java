package dev.forebay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.testkit.ManualClock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass(name = "on platform threads: {0}")
@ValueSource(booleans = {false, true})
class ThreadsTest {
    private final ManualClock clock = new ManualClock();
    private final Threads threads;

    private final boolean platform;

    ThreadsTest(boolean platform) {
        this.platform = platform;
        threads = new Threads(clock, platform);
    }

    @Test
    void threadsThatAreDoneHoldNobody() throws Exception {
        Future<String> done = threads.submit(() -> "done");
        threads.endGently();
        assertThat(done.get()).isEqualTo("done");
        assertThat(clock.waiters()).isZero();
    }

    @Test
    void aThreadIsLeftInPeaceForTheGraceAndThenInterrupted() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Future<Boolean> interrupted =
                threads.submit(() -> {
                    try {
                        never.await();
                        return false;
                    } catch (InterruptedException e) {
                        return true;
                    }
                });
        Thread ending = Thread.startVirtualThread(threads::endGently);
        clock.awaitWaiters(1);
        clock.advance(Threads.GRACE.minusNanos(1));
        assertThat(interrupted).isNotDone();
        clock.advance(Duration.ofNanos(1));
        assertThat(interrupted.get()).isTrue();
        assertThat(ending.join(Duration.ofMinutes(1))).isTrue();
    }

    @Test
    void aThreadThatHeedsNoInterruptHoldsNobodyForLongerThanTheGrace() throws Exception {
        Semaphore go = new Semaphore(0);
        Future<?> deaf =
                threads.submit(() -> {
                    go.acquireUninterruptibly();
                    return null;
                });
        Thread ending = Thread.startVirtualThread(threads::end);
        clock.awaitWaiters(1);
        clock.advance(Threads.GRACE);
        assertThat(ending.join(Duration.ofMinutes(1))).isTrue();
        assertThat(deaf).isNotDone();
        go.release();
        deaf.get();
    }

    @Test
    void theInterruptOfTheCallerIsKept() {
        Thread.currentThread().interrupt();
        threads.endGently();
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void errorOfATaskFailsItsFuture() {
        Future<?> failing =
                threads.submit(() -> {
                    throw new OutOfMemoryError("no memory, says the test");
                });
        threads.endGently();
        assertThat(failing.exceptionNow()).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void tasksShareAFewPlatformThreadsWhichEndWithTheTransfer() throws Exception {
        Set<Thread> used = new HashSet<>();
        int tasks = 1000;
        for (int i = 0; i < tasks; i++) {
            used.add(threads.submit(Thread::currentThread).get());
        }
        if (platform) {
            assertThat(used).hasSizeLessThan(tasks);
        } else {
            assertThat(used).hasSize(tasks);
        }
        threads.end();
        for (Thread thread : used) {
            assertThat(thread.join(Duration.ofMinutes(1))).as("%s has ended", thread).isTrue();
        }
    }

    @Test
    void aTaskForAnIdleThreadIsWaitedFor() throws Exception {
        threads.submit(() -> "first").get();
        CountDownLatch go = new CountDownLatch(1);
        Future<String> second =
                threads.submit(() -> {
                    go.await();
                    return "second";
                });
        Thread ending = Thread.startVirtualThread(threads::endGently);
        clock.awaitWaiters(1);
        go.countDown();
        assertThat(second.get(1, TimeUnit.MINUTES)).isEqualTo("second");
        assertThat(ending.join(Duration.ofMinutes(1))).isTrue();
    }
}
