package dev.forebay.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which thread runs a call that may block for long. */
@Timeout(60)
class UninterruptedThreadsTest {
    private final ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void end() {
        virtual.close();
    }

    private static Thread used() throws IOException {
        return UninterruptedThreads.callLong(Thread::currentThread);
    }

    @Test
    void aPlatformThreadRunsItsOwn() throws IOException {
        assertThat(used()).isSameAs(Thread.currentThread());
    }

    @Test
    void aVirtualThreadRunsOneItselfWhereThereIsASecondCarrier() throws Exception {
        oneAfterTheOther();
    }

    private void oneAfterTheOther() throws Exception {
        boolean second = Runtime.getRuntime().availableProcessors() > 1;
        for (int i = 0; i < 3; i++) {
            assertThat(virtual.submit(UninterruptedThreadsTest::used).get().isVirtual())
                    .isEqualTo(second);
        }
    }

    /** Else two slow syncs would hold the carriers of a machine with two processors. */
    @Test
    void besidesOneThatIsUnderWayACallHasAThreadOfItsOwn() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Semaphore end = new Semaphore(0);
        Future<?> first =
                virtual.submit(() -> {
                    UninterruptedThreads.runLong(() -> {
                        begun.countDown();
                        end.acquireUninterruptibly();
                    });
                    return null;
                });
        begun.await();
        try {
            assertThat(virtual.submit(UninterruptedThreadsTest::used).get().isVirtual()).isFalse();
        } finally {
            end.release();
        }
        first.get();
    }

    @Test
    void aCallThatFailsIsNoLongerUnderWay() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() ->
                            virtual.submit(
                                            () -> {
                                                UninterruptedThreads.runLong(() -> {
                                                    throw new IOException("no device");
                                                });
                                                return null;
                                            })
                                    .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("no device");
        }
        oneAfterTheOther();
    }
}
