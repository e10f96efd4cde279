package dev.forebay.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.forebay.base.Clock;
import dev.forebay.base.Disk;
import dev.forebay.blob.ContainerException.Fault;
import dev.forebay.testkit.DiskCall;
import dev.forebay.testkit.Faults;
import dev.forebay.testkit.SimulatedDisk;
import dev.forebay.testkit.Survival;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The matrix of a store in a directory: an interrupt, a {@link RuntimeException} and an {@link
 * OutOfMemoryError} at every call of its disk.
 */
class DirectoryMatrixTest {
    private static final BlobName NAME = new BlobName("12/00/000");
    private static final BlobName LARGE = new BlobName("12/00/002");
    private static final String LARGE_BODY = "x".repeat(17_000);
    private static final List<String> TOGETHER = List.of("12/00/001", "13/00/000");
    private static final Class<PutResult.Created> CREATED = PutResult.Created.class;
    private static final List<Path> FILES =
            Stream.of("12/00/000=", "12/00/001=", "12/00/002=", "13/00/000=")
                    .map(DirectoryCrashTest.ROOT.resolve("abc")::resolve)
                    .toList();

    /** What happens at a call. */
    enum Blow {
        INTERRUPT {
            @Override
            void strike() {
                Thread.currentThread().interrupt();
            }
        },
        RUNTIME_EXCEPTION {
            @Override
            void strike() {
                throw new IllegalStateException("injected");
            }
        },
        OUT_OF_MEMORY {
            @Override
            void strike() {
                throw new OutOfMemoryError("injected");
            }
        },
        IO_EXCEPTION {
            @Override
            void strike() throws IOException {
                throw new IOException("injected");
            }
        };

        abstract void strike() throws IOException;
    }

    @AfterEach
    void forgetTheInterrupt() {
        Thread.interrupted();
    }

    private static Faults at(int victim, Blow blow, AtomicInteger calls) {
        return (DiskCall call) -> {
            if (calls.incrementAndGet() == victim) {
                blow.strike();
            }
            return call.length();
        };
    }

    private static DirectoryContainers store(Disk disk) throws IOException {
        return DirectoryContainers.open(disk, Clock.system(), DirectoryCrashTest.ROOT);
    }

    /** Opens, creates, puts, reads, and closes; what was acknowledged. */
    private static boolean used(SimulatedDisk disk) throws IOException {
        boolean acknowledged = false;
        try (DirectoryContainers store = store(disk)) {
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            boolean alone =
                    DirectoryContainersTest.put(container, NAME, "x") instanceof PutResult.Created;
            assertThat(DirectoryContainersTest.read(container, NAME)).isEqualTo("x");
            boolean large =
                    DirectoryContainersTest.put(container, LARGE, LARGE_BODY)
                            instanceof PutResult.Created;
            List<PutResult> together = container.putAll(BatchTest.batch(TOGETHER));
            assertThat(together).hasSameSizeAs(TOGETHER).hasOnlyElementsOfType(CREATED);
            acknowledged = alone && large;
            for (String name : TOGETHER) {
                assertThat(DirectoryContainersTest.read(container, new BlobName(name)))
                        .isEqualTo(DirectoryCrashTest.body(name));
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            assertThat(e).hasStackTraceContaining("injected");
        }
        return acknowledged;
    }

    @ParameterizedTest
    @EnumSource
    void nothingAcknowledgedIsLostAndTheStoreOpensAgainAfterABlowAtAnyCall(Blow blow)
            throws IOException {
        for (int at = 1; ; at++) {
            SimulatedDisk disk = new SimulatedDisk();
            AtomicInteger calls = new AtomicInteger();
            disk.faults(at(at, blow, calls));
            boolean acknowledged = false;
            try {
                acknowledged = used(disk);
            } catch (IOException | IllegalStateException | OutOfMemoryError e) {
                assertThat(e).hasStackTraceContaining("injected");
            }
            boolean interrupted = Thread.interrupted();
            assertThat(interrupted)
                    .as("call %s: the interrupt is kept", at)
                    .isEqualTo(blow == Blow.INTERRUPT && calls.get() >= at);
            if (blow == Blow.INTERRUPT) {
                assertThat(acknowledged).as("call %s: no interrupt ends a put", at).isTrue();
            }
            disk.faults(Faults.NONE);
            if (acknowledged) {
                Disk left = disk.crash(Survival.NOTHING);
                for (Path file : FILES) {
                    assertThat(left.stat(file)).as("call %s", at).isPresent();
                }
            }
            // The lock was released, whatever failed, and a retry of the same works.
            assertThatCode(() -> check(disk)).as("call %s", at).doesNotThrowAnyException();
            if (calls.get() < at) {
                assertThat(at).isGreaterThan(20);
                return;
            }
        }
    }

    private static void check(SimulatedDisk disk) throws IOException {
        try (DirectoryContainers next = store(disk)) {
            next.create("abc");
            Container container = next.open("abc").orElseThrow();
            DirectoryContainersTest.put(container, NAME, "x");
            assertThat(DirectoryContainersTest.read(container, NAME)).isEqualTo("x");
            DirectoryContainersTest.put(container, LARGE, LARGE_BODY);
            assertThat(DirectoryContainersTest.read(container, LARGE)).isEqualTo(LARGE_BODY);
            container.putAll(BatchTest.batch(TOGETHER));
            for (String name : TOGETHER) {
                assertThat(DirectoryContainersTest.read(container, new BlobName(name)))
                        .isEqualTo(DirectoryCrashTest.body(name));
            }
        }
    }

    @Test
    void putOnAnInterruptedThreadSucceedsOnTheMachinesOwnDisk(@TempDir Path temp)
            throws IOException {
        try (DirectoryContainers store =
                DirectoryContainers.open(
                        Disk.system(), Clock.system(), temp.resolve("containers"))) {
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            Thread.currentThread().interrupt();
            assertThat(DirectoryContainersTest.put(container, NAME, "x"))
                    .isInstanceOf(PutResult.Created.class);
            assertThat(store.create("def")).as("with the interrupt set").isTrue();
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void closeReleasesTheDirectoryThoughItsFirstStepFails() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = store(disk);
        disk.faults(call -> {
            throw new IOException("injected");
        });
        assertThatThrownBy(store::close)
                .isInstanceOf(ContainerException.class)
                .hasMessageContaining("injected");
        disk.faults(Faults.NONE);
        store.close();
        assertThatCode(() -> store(disk).close()).doesNotThrowAnyException();
    }

    @Test
    void closeOnAnInterruptedThreadReleasesTheDirectoryAndKeepsTheInterrupt() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        DirectoryContainers store = store(disk);
        Thread.currentThread().interrupt();
        store.close();
        assertThat(Thread.interrupted()).isTrue();
        store(disk).close();
    }

    @Test
    void callAfterCloseIsRefusedAsClosed() throws IOException {
        DirectoryContainers store = store(new SimulatedDisk());
        store.create("abc");
        Container container = store.open("abc").orElseThrow();
        store.close();
        store.close();
        for (ThrowingCallable call :
                List.<ThrowingCallable>of(
                        () -> store.create("def"),
                        () -> store.open("abc"),
                        () -> store.setAside("abc"),
                        store::list,
                        store::removeSetAside,
                        () -> container.head(NAME),
                        () -> container.get(NAME, Wait.NONE),
                        () -> container.stage(NAME),
                        () -> container.putAll(BatchTest.batch(TOGETHER)))) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            ContainerException.class,
                            e -> assertThat(e.fault()).isEqualTo(Fault.CLOSED));
        }
    }

    @Test
    void directoryOrPipeInPlaceOfABlobIsDamage(@TempDir Path temp) throws Exception {
        try (DirectoryContainers store =
                DirectoryContainers.open(
                        Disk.system(), Clock.system(), temp.resolve("containers"))) {
            store.create("abc");
            Container container = store.open("abc").orElseThrow();
            Path folder = temp.resolve("containers").resolve("abc");
            Files.createDirectory(folder.resolve("folder="));
            assertThat(
                            new ProcessBuilder("mkfifo", folder.resolve("pipe=").toString())
                                    .start()
                                    .waitFor())
                    .isZero();
            for (String name : List.of("folder", "pipe")) {
                assertThatThrownBy(() ->
                                container.get(
                                        new BlobName(name),
                                        Wait.upTo(Duration.ofDays(1), new BlobName("end"))))
                        .isInstanceOfSatisfying(
                                ContainerException.class,
                                e -> assertThat(e.fault()).isEqualTo(Fault.DAMAGED))
                        .hasMessageContaining(name);
            }
        }
    }
}
