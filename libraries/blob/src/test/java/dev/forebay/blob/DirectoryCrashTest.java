package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.DiskCall.Kind;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.Sabotage;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The store under power cuts after every call, under faults, and as its own broken twins. */
class DirectoryCrashTest {
    private static final Path ROOT = Path.of("/containers");
    private static final List<String> NAMES =
            List.of(".bufferstart", "00/000", "00/001", "02/00/000", ".bufferend");

    private static DirectoryContainers open(Disk disk) throws IOException {
        return DirectoryContainers.open(disk, Clock.system(), ROOT);
    }

    /** Creates a container and puts some blobs, noting each acknowledgement. */
    private static CrashMatrix.Work<String> puts(UnaryOperator<Disk> twin) {
        return (disk, acks) -> {
            DirectoryContainers store = open(twin.apply(disk));
            store.create("abc");
            acks.add("");
            Container container = store.open("abc").orElseThrow();
            for (String name : NAMES) {
                DirectoryContainersTest.put(container, new BlobName(name), "body of " + name);
                acks.add(name);
                DirectoryContainersTest.put(container, new BlobName(name), "another body");
            }
        };
    }

    /**
     * Everything acknowledged is there, what is there is whole, and every request can be made
     * again.
     */
    private static void check(Disk disk, List<String> acks) throws IOException {
        DirectoryContainers store = open(disk);
        if (!acks.isEmpty()) {
            assertThat(store.open("abc")).isPresent();
        }
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        for (String name : NAMES) {
            boolean there = container.head(new BlobName(name)).isPresent();
            if (acks.contains(name)) {
                assertThat(there).as(name + " was acknowledged").isTrue();
            }
            PutResult again =
                    DirectoryContainersTest.put(container, new BlobName(name), "body of " + name);
            assertThat(again instanceof PutResult.Exists).isEqualTo(there);
            assertThat(DirectoryContainersTest.read(container, new BlobName(name)))
                    .isEqualTo("body of " + name);
        }
        store.close();
    }

    @Test
    void whatIsAcknowledgedSurvivesACrashAfterEveryCall() throws Exception {
        int images = CrashMatrix.randoms(3).run(puts(disk -> disk), DirectoryCrashTest::check);
        assertThat(images).isGreaterThan(200);
    }

    @Test
    void aCrashDuringRecoveryChangesNothing() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        for (String name : NAMES) {
            DirectoryContainersTest.put(container, new BlobName(name), "body of " + name);
        }
        StagedBlob torn = container.stage(new BlobName("torn"));
        torn.write(ByteBuffer.wrap(new byte[100]));
        for (int seed = 0; seed < 10; seed++) {
            CrashMatrix.randoms(2)
                    .<String>run(
                            disk.crash(Survival.random(seed)),
                            (left, acks) -> {
                                NAMES.forEach(acks::add);
                                acks.add("");
                                open(left).open("abc").orElseThrow().head(new BlobName("torn"));
                            },
                            DirectoryCrashTest::check);
        }
    }

    @Test
    void whatAReaderSawSurvivesTheNextCrashToo() throws Exception {
        CrashMatrix.randoms(3)
                .<String>run(
                        (disk, acks) -> {
                            DirectoryContainers store = open(disk);
                            store.create("abc");
                            acks.add("");
                            Container container = store.open("abc").orElseThrow();
                            AtomicBoolean done = new AtomicBoolean();
                            try (ExecutorService threads =
                                    Executors.newVirtualThreadPerTaskExecutor()) {
                                Future<?> reader =
                                        threads.submit(() -> look(container, acks, done));
                                for (String name : NAMES) {
                                    DirectoryContainersTest.put(
                                            container, new BlobName(name), "body of " + name);
                                }
                                done.set(true);
                                reader.get(60, TimeUnit.SECONDS);
                            }
                        },
                        DirectoryCrashTest::check);
    }

    private static void look(
            Container container, CrashMatrix.Acks<String> acks, AtomicBoolean done) {
        List<String> left = new ArrayList<>(NAMES);
        while (!done.get()) {
            for (String name : List.copyOf(left)) {
                if (container.head(new BlobName(name)).isPresent()) {
                    acks.add(name);
                    left.remove(name);
                }
            }
            Thread.onSpinWait();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Sabotage.class,
            names = {"SKIP_DIRECTORY_SYNC", "SKIP_FILE_SYNC", "LINK_REPLACES"})
    void theCrashMatrixCatchesTheBrokenTwin(Sabotage sabotage) {
        assertThatThrownBy(() ->
                        CrashMatrix.randoms(3).run(puts(sabotage::of), DirectoryCrashTest::check))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("crashed after");
    }

    @Test
    void aTwinThatSyncsOnlyTheLastDirectoryIsCaught() {
        // It skips the sync of every directory into which it made another one.
        UnaryOperator<Disk> twin =
                disk -> {
                    SimulatedDisk simulated = (SimulatedDisk) disk;
                    return new ParentSyncSkipped(simulated);
                };
        assertThatThrownBy(() -> CrashMatrix.randoms(3).run(puts(twin), DirectoryCrashTest::check))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("crashed after");
    }

    /**
     * Puts every name under every single fault of one kind; then the same requests without faults.
     */
    private static void underFaults(UnaryOperator<Disk> twin, Kind kind) throws Exception {
        for (int nth = 1; nth < 40; nth++) {
            SimulatedDisk disk = new SimulatedDisk();
            DirectoryContainers store = open(twin.apply(disk));
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            disk.faults(Faults.failNth(nth, call -> call.kind() == kind));
            List<String> acks = new ArrayList<>(List.of(""));
            boolean failed = false;
            for (String name : NAMES) {
                try {
                    DirectoryContainersTest.put(container, new BlobName(name), "body of " + name);
                    acks.add(name);
                } catch (ContainerException e) {
                    failed = true;
                }
            }
            disk.faults(Faults.NONE);
            for (int seed = 0; seed < 4; seed++) {
                check(disk.crash(seed == 0 ? Survival.NOTHING : Survival.random(seed)), acks);
            }
            if (!failed) {
                return;
            }
        }
        throw new AssertionError("more faults than expected");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {
                "CREATE",
                "CREATE_DIRECTORY",
                "WRITE",
                "SYNC",
                "LINK",
                "SYNC_DIRECTORY",
                "DELETE",
                "STAT"
            })
    void nothingAcknowledgedIsLostWhateverCallFails(Kind kind) throws Exception {
        underFaults(disk -> disk, kind);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"SYNC", "SYNC_DIRECTORY"})
    void aTwinThatSwallowsSyncErrorsIsCaught(Kind kind) {
        assertThatThrownBy(() -> underFaults(Sabotage.SWALLOW_SYNC_ERRORS::of, kind))
                .isInstanceOfAny(AssertionError.class, ContainerException.class);
    }

    @Test
    void afterAFailedDirectorySyncTheContainerTakesNoMorePutsAndShowsNothingUnsynced()
            throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName hidden = new BlobName("hidden");
        disk.faults(Faults.failNth(1, call -> call.kind() == Kind.SYNC_DIRECTORY));
        assertFault(Fault.POISONED, () -> DirectoryContainersTest.put(container, hidden, "x"));
        assertFault(
                Fault.POISONED,
                () -> DirectoryContainersTest.put(container, new BlobName("other"), "x"));
        assertThat(container.head(hidden)).isEmpty();
        store.close();
        DirectoryContainers reopened = open(disk);
        Container again = reopened.open("abc").orElseThrow();
        assertThat(DirectoryContainersTest.put(again, new BlobName("other"), "x"))
                .isInstanceOf(PutResult.Created.class);
    }

    @Test
    void aFailedFileSyncLeavesNothingAndTheNextPutSucceeds() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName name = new BlobName("name");
        disk.faults(Faults.failNth(1, call -> call.kind() == Kind.SYNC));
        assertFault(Fault.FAILED, () -> DirectoryContainersTest.put(container, name, "x"));
        assertThat(container.head(name)).isEmpty();
        assertThat(disk.list(ROOT.resolve("abc").resolve(DirectoryContainer.STAGING))).isEmpty();
        assertThat(DirectoryContainersTest.put(container, name, "x"))
                .isInstanceOf(PutResult.Created.class);
    }

    @Test
    void aFullDiskIsSaidAndTheSameRequestSucceedsOnceThereIsRoom() throws Exception {
        for (int free = 0; free < 120; free++) {
            SimulatedDisk disk = new SimulatedDisk();
            DirectoryContainers store = open(disk);
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            BlobName name = new BlobName("00/000");
            disk.faults(Faults.fullAfter(free));
            try {
                DirectoryContainersTest.put(container, name, "x".repeat(60));
            } catch (ContainerException e) {
                assertThat(e.fault()).isEqualTo(Fault.NO_SPACE);
                assertThat(e.mayRetry()).isTrue();
                disk.faults(Faults.NONE);
                assertThat(DirectoryContainersTest.put(container, name, "x".repeat(60)))
                        .isInstanceOf(PutResult.Created.class);
            }
            assertThat(DirectoryContainersTest.read(container, name)).hasSize(60);
        }
    }

    @Test
    void shortWritesAreWrittenOut() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        disk.faults(Faults.shortWrites(7));
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        DirectoryContainersTest.put(container, new BlobName("a"), "0123456789".repeat(10));
        assertThat(DirectoryContainersTest.read(container, new BlobName("a")))
                .isEqualTo("0123456789".repeat(10));
    }

    @Test
    void existsHeadAndGetWaitForTheSyncOfTheDirectory() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName name = new BlobName("name");
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        disk.faults(holdFirst(Kind.SYNC_DIRECTORY, syncing, go));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PutResult> put =
                    threads.submit(() -> DirectoryContainersTest.put(container, name, "x"));
            assertThat(syncing.await(60, TimeUnit.SECONDS)).isTrue();
            CountDownLatch begun = new CountDownLatch(3);
            Future<Boolean> head =
                    threads.submit(() -> {
                        begun.countDown();
                        return container.head(name).isPresent();
                    });
            Future<String> get =
                    threads.submit(() -> {
                        begun.countDown();
                        return DirectoryContainersTest.read(container, name);
                    });
            Future<PutResult> second =
                    threads.submit(() -> {
                        begun.countDown();
                        return DirectoryContainersTest.put(container, name, "y");
                    });
            assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(disk.crash(Survival.NOTHING).stat(ROOT.resolve("abc").resolve("name=")))
                    .isEmpty();
            assertThat(List.of(put.isDone(), head.isDone(), get.isDone(), second.isDone()))
                    .containsOnly(false);
            go.countDown();
            assertThat(put.get(60, TimeUnit.SECONDS)).isInstanceOf(PutResult.Created.class);
            assertThat(head.get(60, TimeUnit.SECONDS)).isTrue();
            assertThat(get.get(60, TimeUnit.SECONDS)).isEqualTo("x");
            assertThat(second.get(60, TimeUnit.SECONDS)).isInstanceOf(PutResult.Exists.class);
        }
    }

    @Test
    void whatAPutCaughtByClosingLinkedIsSyncedBeforeTheNextOwnerShowsIt() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName name = new BlobName("name");
        CountDownLatch syncing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        disk.faults(holdFirst(Kind.SYNC_DIRECTORY, syncing, go));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PutResult> put =
                    threads.submit(() -> DirectoryContainersTest.put(container, name, "x"));
            assertThat(syncing.await(60, TimeUnit.SECONDS)).isTrue();
            store.close();
            Container next = open(disk).open("abc").orElseThrow();
            boolean shown = next.head(name).isPresent();
            boolean durable =
                    disk.crash(Survival.NOTHING)
                            .stat(ROOT.resolve("abc").resolve("name="))
                            .isPresent();
            go.countDown();
            put.get(60, TimeUnit.SECONDS);
            assertThat(shown).isTrue();
            assertThat(durable).isTrue();
        }
    }

    @Test
    void aPutCaughtByDeletionNeverTakesAFileOfTheNextContainerOfThatName() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        BlobName name = new BlobName("name");
        CountDownLatch linking = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        disk.faults(holdFirst(Kind.LINK, linking, go));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PutResult> late =
                    threads.submit(() -> DirectoryContainersTest.put(container, name, "x"));
            assertThat(linking.await(60, TimeUnit.SECONDS)).isTrue();
            store.setAside("abc");
            store.create("abc");
            Container next = store.open("abc").orElseThrow();
            try (StagedBlob half = next.stage(new BlobName("other"))) {
                half.write(ByteBuffer.wrap(new byte[10]));
                go.countDown();
                assertThatThrownBy(() -> late.get(60, TimeUnit.SECONDS))
                        .hasMessageContaining("there is no container abc");
                assertThat(next.head(name)).isEmpty();
            }
        }
    }

    private static Faults holdFirst(Kind kind, CountDownLatch reached, CountDownLatch go) {
        AtomicBoolean first = new AtomicBoolean(true);
        return (DiskCall call) -> {
            if (call.kind() == kind && first.getAndSet(false)) {
                reached.countDown();
                try {
                    if (!go.await(60, TimeUnit.SECONDS)) {
                        throw new IOException("nobody opened the gate");
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted at the gate", e);
                }
            }
            return call.length();
        };
    }

    @Test
    void whatIsSetAsideStaysGoneAfterEveryCrash() throws Exception {
        CrashMatrix.randoms(3)
                .<String>run(
                        (disk, acks) -> {
                            DirectoryContainers store = open(disk);
                            store.create("abc");
                            DirectoryContainersTest.put(
                                    store.open("abc").orElseThrow(), new BlobName("00/000"), "x");
                            store.setAside("abc");
                            acks.add("gone");
                            store.removeSetAside();
                        },
                        (disk, acks) -> {
                            DirectoryContainers store = open(disk);
                            if (acks.contains("gone")) {
                                assertThat(store.list()).isEmpty();
                            }
                            store.removeSetAside();
                            store.close();
                        });
    }

    private static void assertFault(Fault fault, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        ContainerException.class, e -> assertThat(e.fault()).isEqualTo(fault));
    }
}
