package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.ManualClock;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is seen of a name between its link and its sync: nothing. */
class DirectorySettlingTest {
    private static final BlobName NAME = new BlobName("name");
    private static final Path FILE = DirectoryCrashTest.ROOT.resolve("abc").resolve("name=");

    /** The ways in which a blob's existence is told. */
    enum Telling {
        HEAD,
        GET,
        EXISTS,
        WOKEN
    }

    private static DirectoryContainers store(Disk disk, Clock clock) throws IOException {
        DirectoryContainers store = DirectoryContainers.open(disk, clock, DirectoryCrashTest.ROOT);
        store.create("abc");
        return store;
    }

    private static boolean isTold(Telling telling, Container container) {
        return switch (telling) {
            case HEAD -> container.head(NAME).isPresent();
            case GET -> DirectoryContainersTest.read(container, NAME).equals("x");
            case EXISTS ->
                    DirectoryContainersTest.put(container, NAME, "y") instanceof PutResult.Exists;
            case WOKEN -> {
                Wait wait = Wait.upTo(Duration.ofSeconds(20), new BlobName(".bufferend"));
                if (container.get(NAME, wait) instanceof Lookup.Found(OpenBlob blob)) {
                    blob.close();
                    yield true;
                }
                yield false;
            }
        };
    }

    /**
     * Holds the directory sync of a put, has the blob's existence told, and says whether the blob
     * would have survived a power cut at the moment it was told.
     */
    private static boolean durableWhenTold(Telling telling) throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        ManualClock clock = new ManualClock();
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        // The gate opens and the store ends its waits before the threads are joined.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                DirectoryContainers store = store(disk, clock);
                AutoCloseable _ = go::countDown) {
            Container container = store.open("abc").orElseThrow();
            disk.faults(holdFirst(Kind.SYNC_DIRECTORY, syncing, go));
            FutureTask<Boolean> answer =
                    new FutureTask<>(() -> {
                        assertThat(isTold(telling, container)).isTrue();
                        return disk.crash(Survival.NOTHING).stat(FILE).isPresent();
                    });
            Thread asker = Thread.ofPlatform().daemon().unstarted(answer);
            if (telling == Telling.WOKEN) {
                asker.start();
                clock.awaitWaiters(1);
            }
            Future<PutResult> put =
                    threads.submit(() -> DirectoryContainersTest.put(container, NAME, "x"));
            assertThat(syncing.await(60, TimeUnit.SECONDS)).isTrue();
            if (telling != Telling.WOKEN) {
                asker.start();
            }
            awaitAnswerOrWait(asker, answer);
            go.countDown();
            assertThat(put.get(60, TimeUnit.SECONDS)).isInstanceOf(PutResult.Created.class);
            return answer.get(60, TimeUnit.SECONDS);
        }
    }

    /** Returns once the thread waits for the sync, which is held, or has its answer without it. */
    private static void awaitAnswerOrWait(Thread asker, FutureTask<Boolean> answer)
            throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!answer.isDone() && asker.getState() != Thread.State.WAITING) {
            assertThat(System.nanoTime() - end).as("the asker waits or is told").isNegative();
            Thread.onSpinWait();
        }
        if (answer.isDone()) {
            assertThat(answer.get()).as("durable when told").isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void existenceIsToldOnlyOnceItIsDurable(Telling telling) throws Exception {
        assertThat(durableWhenTold(telling)).isTrue();
    }

    /**
     * Lets a reader wait for a blob that is then put, and says whether the put woke it. If it is
     * woken before the link, the link is held until it has looked again, and has seen nothing.
     */
    private static boolean wokenByThePut() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        SeenClock clock = new SeenClock();
        CountDownLatch twoLooks = new CountDownLatch(2);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                DirectoryContainers store = store(disk, clock)) {
            Container container = store.open("abc").orElseThrow();
            disk.faults(call -> {
                if (call.kind() == Kind.STAT && call.path().equals(FILE)) {
                    twoLooks.countDown();
                }
                if (call.kind() == Kind.LINK && clock.isSignalled()) {
                    await(twoLooks);
                }
                return call.length();
            });
            Future<Boolean> woken = threads.submit(() -> isTold(Telling.WOKEN, container));
            clock.time.awaitWaiters(1);
            DirectoryContainersTest.put(container, NAME, "x");
            return woken.get(20, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** A clock that stands still, and knows of the one thread that waits whether it is to wake. */
    private static final class SeenClock implements Clock {
        final ManualClock time = new ManualClock();
        private volatile @Nullable ReentrantLock lock;
        private volatile @Nullable Condition condition;

        @Override
        public long nanos() {
            return time.nanos();
        }

        @Override
        public Instant wall() {
            return time.wall();
        }

        @Override
        public void await(Lock waitersLock, Condition waitersCondition, long deadline)
                throws InterruptedException {
            lock = (ReentrantLock) waitersLock;
            condition = waitersCondition;
            time.await(waitersLock, waitersCondition, deadline);
        }

        boolean isSignalled() {
            ReentrantLock held = Objects.requireNonNull(lock);
            held.lock();
            try {
                return !held.hasWaiters(Objects.requireNonNull(condition));
            } finally {
                held.unlock();
            }
        }
    }

    @Test
    void aWaiterIsWokenOnceThereIsSomethingToSee() throws Exception {
        assertThat(wokenByThePut()).isTrue();
    }

    private static void await(CountDownLatch gate) throws IOException {
        try {
            if (!gate.await(60, TimeUnit.SECONDS)) {
                throw new IOException("nobody opened the gate");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted at the gate", e);
        }
    }

    @Test
    void whatAPutCaughtByClosingLinkedIsSyncedBeforeTheNextOwnerShowsIt() throws Exception {
        withAPutHeldAt(
                Kind.SYNC_DIRECTORY,
                (disk, store, finish) -> {
                    store.close();
                    Container next = DirectoryCrashTest.open(disk).open("abc").orElseThrow();
                    boolean shown = next.head(NAME).isPresent();
                    boolean durable = disk.crash(Survival.NOTHING).stat(FILE).isPresent();
                    finish.call();
                    assertThat(shown).isTrue();
                    assertThat(durable).isTrue();
                });
    }

    @Test
    void aPutCaughtByDeletionNeverTakesAFileOfTheNextContainerOfThatName() throws Exception {
        withAPutHeldAt(
                Kind.LINK,
                (disk, store, finish) -> {
                    store.setAside("abc");
                    store.create("abc");
                    Container next = store.open("abc").orElseThrow();
                    try (StagedBlob half = next.stage(new BlobName("other"))) {
                        half.write(ByteBuffer.wrap(new byte[10]));
                        assertThatThrownBy(finish::call)
                                .hasMessageContaining("there is no container abc");
                        assertThat(next.head(NAME)).isEmpty();
                    }
                });
    }

    /** What happens while a put stands still; {@code finish} lets it go on and ends with it. */
    private interface Meanwhile {
        void happens(SimulatedDisk disk, DirectoryContainers store, Callable<PutResult> finish)
                throws Exception;
    }

    private static void withAPutHeldAt(Kind kind, Meanwhile meanwhile) throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = DirectoryCrashTest.open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        disk.faults(holdFirst(kind, reached, go));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PutResult> put =
                    threads.submit(() -> DirectoryContainersTest.put(container, NAME, "x"));
            assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
            meanwhile.happens(
                    disk,
                    store,
                    () -> {
                        go.countDown();
                        return put.get(60, TimeUnit.SECONDS);
                    });
        } finally {
            go.countDown();
        }
    }

    private static Faults holdFirst(Kind kind, CountDownLatch reached, CountDownLatch go) {
        AtomicBoolean first = new AtomicBoolean(true);
        return (DiskCall call) -> {
            if (call.kind() == kind && first.getAndSet(false)) {
                reached.countDown();
                await(go);
            }
            return call.length();
        };
    }
}
