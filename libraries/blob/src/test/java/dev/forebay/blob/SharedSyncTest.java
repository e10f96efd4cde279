package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One sync for all who wait, and one outcome. */
class SharedSyncTest {
    private static final Path DIRECTORY = Path.of("/d");

    private final SimulatedDisk disk = new SimulatedDisk();
    private final SharedSync sync = new SharedSync(disk, DIRECTORY);
    private final AtomicInteger syncs = new AtomicInteger();

    /** Holds the first sync until two more have been asked for; then {@code second} happens. */
    private List<FutureTask<Boolean>> twoThatWaitForTheSecond(Callable<Boolean> second)
            throws Exception {
        disk.createDirectory(DIRECTORY);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        disk.faults(call -> {
            if (call.kind() == Kind.SYNC_DIRECTORY) {
                if (syncs.incrementAndGet() == 1) {
                    asked.countDown();
                    await(go);
                } else {
                    outcome(second);
                }
            }
            return call.length();
        });
        FutureTask<Boolean> first = task();
        start(first);
        asked.await();
        List<FutureTask<Boolean>> waiting = List.of(task(), task());
        for (Thread thread : waiting.stream().map(SharedSyncTest::start).toList()) {
            while (!waitsForASync(thread)) {
                Thread.onSpinWait();
            }
        }
        go.countDown();
        assertThat(first.get()).isTrue();
        return waiting;
    }

    private FutureTask<Boolean> task() {
        return new FutureTask<>(() -> {
            sync.sync();
            return true;
        });
    }

    private static Thread start(FutureTask<Boolean> task) {
        return Thread.ofPlatform().daemon().start(task);
    }

    /** A thread that stands still may also be one that has not asked yet. */
    private static boolean waitsForASync(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals("awaitUninterruptibly"));
    }

    private static void outcome(Callable<Boolean> second) throws IOException {
        try {
            second.call();
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("no such outcome", e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("nobody interrupts here", e);
        }
    }

    @Test
    @Timeout(300)
    void whoAsksDuringASyncIsAnsweredByTheNextTogetherWithTheOthers() throws Exception {
        for (FutureTask<Boolean> task : twoThatWaitForTheSecond(() -> true)) {
            assertThat(task.get()).isTrue();
        }
        assertThat(syncs).hasValue(2);
    }

    @Test
    @Timeout(300)
    void aSyncThatFailsFailsForAllAndForEver() throws Exception {
        assertFailed(
                twoThatWaitForTheSecond(() -> {
                    throw new IOException("injected");
                }));
    }

    @Test
    @Timeout(300)
    void aSyncThatEndsWithAnErrorAnswersNobody() throws Exception {
        assertFailed(
                twoThatWaitForTheSecond(() -> {
                    throw new IllegalStateException("injected");
                }));
    }

    private void assertFailed(List<FutureTask<Boolean>> tasks) {
        for (FutureTask<Boolean> task : tasks) {
            assertThatThrownBy(task::get).hasStackTraceContaining("injected");
        }
        assertThat(syncs).hasValue(2);
        assertThatThrownBy(sync::sync).hasMessageContaining("an earlier sync of /d failed");
    }

    @Test
    @Timeout(300)
    void errorOfASyncFailsForAllAndForEver() throws Exception {
        assertFailed(
                twoThatWaitForTheSecond(() -> {
                    throw new OutOfMemoryError("injected");
                }));
    }

    /** As when there is no memory left for the words of a failure. */
    private static final class Wordless extends Error {
        Wordless() {
            super("injected");
        }

        @Override
        public String getMessage() {
            throw new OutOfMemoryError("injected into the words");
        }
    }

    @Test
    @Timeout(300)
    void errorWithoutWordsLeavesNoThreadWaiting() throws Exception {
        List<FutureTask<Boolean>> tasks =
                twoThatWaitForTheSecond(() -> {
                    throw new Wordless();
                });
        for (FutureTask<Boolean> task : tasks) {
            assertThatThrownBy(() -> task.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
        }
        assertThatThrownBy(sync::sync).hasMessageContaining("an earlier sync of /d failed");
    }
}
