package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.testkit.CrashMatrix;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The store under power cuts after every call, and under faults. */
class DirectoryCrashTest {
    static final Path ROOT = Path.of("/containers");
    static final List<String> NAMES =
            List.of(".bufferstart", "00/000", "00/001", "02/00/000", ".bufferend");

    /** Small ones are written in one call, the last one in several. */
    static String body(String name) {
        return name.equals(NAMES.getLast()) ? "a large body ".repeat(1500) : "body of " + name;
    }

    static DirectoryContainers open(Disk disk) throws IOException {
        return DirectoryContainers.open(disk, Clock.system(), ROOT);
    }

    /** Creates a container and puts some blobs, noting each acknowledgement. */
    static CrashMatrix.Work<String> puts() {
        return (disk, acks) -> {
            DirectoryContainers store = open(disk);
            store.create("abc");
            acks.add("");
            Container container = store.open("abc").orElseThrow();
            for (String name : NAMES) {
                DirectoryContainersTest.put(container, new BlobName(name), body(name));
                acks.add(name);
                DirectoryContainersTest.put(container, new BlobName(name), "another body");
            }
        };
    }

    /**
     * Everything acknowledged is there, what is there is whole, and every request can be made
     * again.
     */
    static void check(Disk disk, List<String> acks) throws IOException {
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
                    DirectoryContainersTest.put(container, new BlobName(name), body(name));
            assertThat(again instanceof PutResult.Exists).isEqualTo(there);
            assertThat(DirectoryContainersTest.read(container, new BlobName(name)))
                    .isEqualTo(body(name));
        }
        store.close();
    }

    @Test
    void whatIsAcknowledgedSurvivesACrashAfterEveryCall() throws Exception {
        int images = CrashMatrix.randoms(3).run(puts(), DirectoryCrashTest::check);
        assertThat(images).isGreaterThan(200);
    }

    @Test
    void aCrashDuringRecoveryChangesNothing() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        for (String name : NAMES) {
            DirectoryContainersTest.put(container, new BlobName(name), body(name));
        }
        StagedBlob torn = container.stage(new BlobName("torn"));
        torn.write(ByteBuffer.wrap(new byte[20_000]));
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

    /** Opens what a crash left, takes every blob that it is shown for a promise, and puts one. */
    private static CrashMatrix.Work<String> serving() {
        return (disk, acks) -> {
            DirectoryContainers store = open(disk);
            Optional<Container> found = store.open("abc");
            if (found.isPresent()) {
                acks.add("");
                for (String name : NAMES) {
                    if (found.get().head(new BlobName(name)).isPresent()) {
                        acks.add(name);
                    }
                }
            }
            store.create("abc");
            String first = NAMES.getFirst();
            DirectoryContainersTest.put(
                    store.open("abc").orElseThrow(), new BlobName(first), body(first));
            acks.add(first);
        };
    }

    @Test
    void whatASecondOwnerShowsSurvivesASecondCrashAfterEveryCall() throws Exception {
        int images = CrashMatrix.randoms(0).runTwice(puts(), serving(), DirectoryCrashTest::check);
        assertThat(images).isGreaterThan(1000);
    }

    @Test
    void whatUnfinishedPutsLeftIsDeletedAndCounted() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        store.create("def");
        for (String id : List.of("abc", "abc", "def")) {
            StagedBlob torn = store.open(id).orElseThrow().stage(new BlobName("torn"));
            torn.write(ByteBuffer.wrap(new byte[20_000]));
        }
        DirectoryContainers next = open(disk.kill());
        assertThat(next.leftovers()).isEqualTo(new Leftovers(3, 60_000));
        assertThat(next.open("abc")).isPresent();
        assertThat(next.leftovers()).isEqualTo(new Leftovers(3, 60_000));
    }

    @Test
    void openingDoesNotWaitForTheFilesOfUnfinishedPuts() throws Exception {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = open(disk);
        store.create("abc");
        store.create("def");
        StagedBlob torn = store.open("abc").orElseThrow().stage(new BlobName("torn"));
        torn.write(ByteBuffer.wrap(new byte[20_000]));
        SimulatedDisk killed = disk.kill();
        CountDownLatch opened = new CountDownLatch(1);
        AtomicBoolean openedFirst = new AtomicBoolean();
        killed.faults(call -> {
            if (call.kind() == DiskCall.Kind.DELETE && call.path().toString().contains("abc")) {
                openedFirst.set(isDown(opened));
            }
            return call.length();
        });
        DirectoryContainers next = open(killed);
        assertThat(
                        DirectoryContainersTest.put(
                                next.open("def").orElseThrow(), new BlobName("new"), "x"))
                .isInstanceOf(PutResult.Created.class);
        opened.countDown();
        assertThat(next.leftovers()).isEqualTo(new Leftovers(1, 20_000));
        assertThat(openedFirst).isTrue();
        next.close();
    }

    /** Waits long enough for any machine, and short enough for a test that is to fail. */
    private static boolean isDown(CountDownLatch latch) {
        try {
            return latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError("no thread of this test is interrupted", e);
        }
    }

    @Test
    void whatAReaderSawSurvivesTheNextCrashToo() throws Exception {
        CrashMatrix.randoms(3)
                .withoutInterrupts() // The wait for the reader would end by one.
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
                                            container, new BlobName(name), body(name));
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
}
